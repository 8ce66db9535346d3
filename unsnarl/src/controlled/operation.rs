//! How a thread takes its turn.

use explore::op::{Act, Obj, Op, Outcome, Tid};
use explore::world::Readiness;
use model::site::Caller;

use super::current::with;
use super::execution::{Execution, Signal};
use super::fiber::{Suspender, Wake};

/// What unwinds the threads that an execution leaves behind.
pub(super) struct Stopped;

/// How many operations a thread may begin when the execution is over, before it is not resumed any more.
const MOST_LATE: u32 = 1_000;

/// What a thread does after it has announced an operation.
enum Way {
    /// It goes on.
    On(Outcome),
    /// It waits for its turn.
    Wait(Suspender),
    /// It unwinds: the execution is over.
    Stop,
}

/// Announces an operation, waits for its turn, and says what became of it.
pub(super) fn operate(act: Act, object: Obj, site: Option<Caller>) -> Outcome {
    follow(with(|execution| {
        execution.announce(Op::new(act, object, site))
    }))
}

/// The same, with the operation made from the execution.
pub(super) fn operate_with(make: impl FnOnce(&mut Execution) -> Op) -> Outcome {
    follow(with(|execution| {
        let op = make(execution);
        execution.announce(op)
    }))
}

/// The same, for where nothing may unwind: `None` if the execution is over.
pub(super) fn operate_unless_over(make: impl FnOnce(&mut Execution) -> Op) -> Option<Outcome> {
    settle(with(|execution| {
        let op = make(execution);
        execution.announce(op)
    }))
}

/// An operation whose moment follows from the one before, unless it matters to others when exactly it happens.
pub(super) fn slip(make: impl FnOnce(&mut Execution) -> Option<Op>) {
    let way = with(|execution| {
        let op = make(execution)?;
        execution.slip(op)
    });
    if let Some(way) = way {
        follow(way);
    }
}

/// Like [`operate`], but goes on to wait even when the execution is over. Returns whether it was.
pub(super) fn operate_to_the_end(act: Act, object: Obj, site: Option<Caller>) -> bool {
    let mut was_stopped = false;
    let mut way = with(|execution| execution.announce(Op::new(act, object, site)));
    loop {
        match way {
            Way::On(_) => return was_stopped,
            Way::Wait(suspender) => {
                let wake = suspender.suspend();
                way = with(|execution| execution.resumed(wake, suspender));
            }
            Way::Stop => {
                was_stopped = true;
                way = with(|execution| execution.wait_on(Op::new(act, object, site)));
            }
        }
    }
}

/// Ends the thread, because the execution is over.
pub(super) fn stop() -> ! {
    with(|execution| execution.running().unwinds = true);
    std::panic::resume_unwind(Box::new(Stopped))
}

/// Ends the thread, and with it the execution, because the program cannot be explored.
pub(crate) fn give_up(obstacle: &str) -> ! {
    with(|execution| execution.give_up(obstacle));
    stop()
}

fn follow(way: Way) -> Outcome {
    match settle(way) {
        Some(outcome) => outcome,
        None => stop(),
    }
}

/// What became of an operation; `None` if the execution is over.
fn settle(mut way: Way) -> Option<Outcome> {
    loop {
        match way {
            Way::On(outcome) => return Some(outcome),
            Way::Wait(suspender) => {
                let wake = suspender.suspend();
                way = with(|execution| execution.resumed(wake, suspender));
            }
            Way::Stop => return None,
        }
    }
}

impl Execution {
    fn announce(&mut self, op: Op) -> Way {
        if self.is_ending {
            return self.announce_late(op);
        }
        if self.unwinds() {
            return self.announce_unwinding(op);
        }
        let current = self.current;
        self.run.announce(current, op, &mut self.lore);
        self.take_turns()
    }

    fn slip(&mut self, op: Op) -> Option<Way> {
        let current = self.current;
        if self.is_ending || self.unwinds() {
            let _ = self.run.world.apply(current, &op);
            return None;
        }
        let is_announced = self.run.slip(current, op, &mut self.lore);
        is_announced.then(|| self.take_turns())
    }

    /// Somebody's turn comes, once the running thread has announced something.
    fn take_turns(&mut self) -> Way {
        if std::mem::take(&mut self.running().is_new) {
            return self.suspend();
        }
        self.decide();
        match self.signal {
            Some(Signal::Resume(tid)) if tid == self.current => {
                self.signal = None;
                Way::On(self.outcome)
            }
            _ => self.suspend(),
        }
    }

    fn suspend(&mut self) -> Way {
        let suspender = self.running().suspender;
        Way::Wait(suspender.expect("a thread that runs can be suspended"))
    }

    /// A thread that unwinds does what it can at once: while it does, others would take its panic for theirs.
    fn announce_unwinding(&mut self, op: Op) -> Way {
        let current = self.current;
        if let Some(outcome) = self.run.insist(current, op) {
            return Way::On(outcome);
        }
        self.sleep_unwinding();
        self.take_turns()
    }

    fn sleep_unwinding(&mut self) {
        self.running().sleeps_unwinding = true;
        self.unwinding += 1;
    }

    /// An operation of a thread that is being ended, or of a destructor that runs meanwhile.
    fn announce_late(&mut self, op: Op) -> Way {
        if self.unwinds() || self.is_endless() {
            return self.wait_on(op);
        }
        self.running().late += 1;
        Way::Stop
    }

    fn is_endless(&mut self) -> bool {
        self.running().late > MOST_LATE
    }

    /// Waits for an operation even though the execution is over.
    fn wait_on(&mut self, op: Op) -> Way {
        let current = self.current;
        self.running().late += 1;
        let is_endless = self.is_endless();
        if !is_endless && let Some(outcome) = self.run.insist(current, op) {
            return Way::On(outcome);
        }
        if is_endless {
            self.run.world.thread_mut(current).pending = None;
        }
        if self.unwinds() {
            self.sleep_unwinding();
        }
        self.suspend()
    }

    /// The running thread was resumed.
    fn resumed(&mut self, wake: Wake, suspender: Suspender) -> Way {
        if wake == Wake::Stop {
            self.running().late += 1;
            return Way::Stop;
        }
        if std::mem::take(&mut self.running().sleeps_unwinding) {
            self.unwinding -= 1;
            self.running().unwinds = true;
        }
        if !self.is_ending {
            return Way::On(self.outcome);
        }
        match self.perform_late() {
            Some(outcome) => Way::On(outcome),
            None => Way::Wait(suspender),
        }
    }

    fn perform_late(&mut self) -> Option<Outcome> {
        let current = self.current;
        if self.run.world.readiness(current) != Readiness::Now {
            return None;
        }
        let op = self.run.world.pending(current);
        self.run.world.perform(current, &op)
    }

    /// Whether a thread could go on if it were resumed.
    pub(super) fn could_go_on(&self, tid: Tid) -> bool {
        self.run.world.readiness(tid) == Readiness::Now
    }
}
