//! A thread that waits while the others go on for ever.
//!
//! Nobody can tell for ever from very long, so there is a bound: in the second half of an execution that was cut, each
//! thread had a step in its turn. A thread that was blocked from the beginning of that half to its end, while others used
//! the very thing that it waits at again and again, is starved: it is not the schedule that holds it up, but the others.

use super::Run;
use crate::op::{Act, Obj, Tid};

/// How often others must have used what the thread waits at.
const MANY: usize = 100;

/// A thread that waited in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Starved {
    /// The thread.
    pub thread: Tid,
    /// What it waits at.
    pub object: Obj,
    /// For how many steps, at least.
    pub steps: usize,
    /// How often others used it meanwhile.
    pub passed: usize,
}

impl Run {
    /// A thread that was blocked for the whole second half of an execution that was cut, while others used the lock, or
    /// the condition variable with its mutex, that it waits at.
    #[must_use]
    pub fn starved(&self) -> Option<Starved> {
        if !self.is_cut() {
            return None;
        }
        let threads = (0..).map(Tid).zip(self.world.threads());
        threads
            .filter(|(_, thread)| !thread.is_over)
            .find_map(|(tid, _)| self.starved_at(tid))
    }

    fn starved_at(&self, tid: Tid) -> Option<Starved> {
        let op = self.world.thread(tid).pending?;
        let waits = matches!(op.act, Act::Lock(_) | Act::Wake { until: None, .. });
        let late = &self.steps[self.max_steps..];
        if !waits || late.iter().any(|step| step.thread == tid) {
            return None;
        }
        let uses = late.iter().filter(|step| step.op.depends_on(&op));
        let passed = uses.filter(|step| step.was_chosen).count();
        (passed >= MANY).then_some(Starved {
            thread: tid,
            object: op.object,
            steps: late.len(),
            passed,
        })
    }
}
