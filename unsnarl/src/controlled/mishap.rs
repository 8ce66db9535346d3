//! What operations may do by their contracts, and nearly never do: the schedule chooses when they do.
//!
//! Each kind happens to a thread at most once in an execution. So a loop that tries again ends, and a program with such
//! loops can still be exhausted.

use explore::op::Choice;

use super::current::with;
use super::execution::Execution;
use crate::explorer::Explorer;

/// Which of them may happen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mishaps {
    /// A wait of a condition variable, or a park, is over for no reason.
    pub(super) wake_ups: bool,
    /// A weak compare-exchange fails though the value is right.
    pub(super) weak_failures: bool,
    /// The time of a wait is over while others could go on.
    pub(super) early_timeouts: bool,
    /// A lock that is free cannot be had by trying.
    pub(super) failing_tries: bool,
}

impl Explorer {
    /// What may happen in its executions.
    pub(super) fn mishaps(&self) -> Mishaps {
        Mishaps {
            wake_ups: self.spurious,
            weak_failures: self.weak_failures,
            early_timeouts: self.early_timeouts,
            failing_tries: self.failing_tries,
        }
    }
}

impl Mishaps {
    fn allows(self, choice: Choice) -> bool {
        match choice {
            Choice::WakeUp => self.wake_ups,
            Choice::Weak => self.weak_failures,
            Choice::Timeout => self.early_timeouts,
            Choice::Attempt => self.failing_tries,
            _ => false,
        }
    }
}

/// Whether this happens to the running thread now.
#[cold]
pub(super) fn happens(choice: Choice) -> bool {
    with(|execution| execution.happens(choice))
}

impl Execution {
    /// Whether this happens to the running thread now.
    pub(super) fn happens(&mut self, choice: Choice) -> bool {
        let had_it = self.running().mishaps.contains(&choice);
        let happens = self.mishaps.allows(choice) && !had_it && self.choose(choice, 2) == 1;
        if happens {
            self.running().mishaps.push(choice);
        }
        happens
    }
}
