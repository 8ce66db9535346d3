//! The end of the threads that an execution leaves behind: they unwind, the youngest first, so that what they hold is
//! given back and what they own is dropped.
//!
//! A thread whose destructors wait for something that never comes is given up: its stack is used again, and what lives
//! on it is leaked. It borrows from older threads only through scopes, whose owners wait for it even now, so that they
//! are given up too.

use explore::op::Tid;

use super::current::with;
use super::fiber::Wake;
use super::thread::resume;

/// Ends all threads. Returns whether some had to be given up.
pub(super) fn tear_down() -> bool {
    with(|execution| {
        execution.is_ending = true;
        execution.signal = None;
    });
    for tid in alive() {
        let may_unwind = with(|execution| !execution.thread(tid).sleeps_unwinding);
        if may_unwind {
            resume(tid, Wake::Stop);
        }
    }
    while let Some(tid) = alive()
        .into_iter()
        .find(|&tid| with(|execution| execution.could_go_on(tid)))
    {
        resume(tid, Wake::Go);
    }
    let rest = alive();
    rest.iter().copied().for_each(give_up);
    !rest.is_empty()
}

/// Threads that have not ended, the youngest first.
fn alive() -> Vec<Tid> {
    with(|execution| {
        let threads = (0..).map(Tid).zip(&execution.threads);
        let mut alive: Vec<Tid> = threads
            .filter(|(_, thread)| thread.fiber.is_some())
            .map(|(tid, _)| tid)
            .collect();
        alive.reverse();
        alive
    })
}

fn give_up(tid: Tid) {
    let fiber = with(|execution| {
        execution.run.world.end(tid);
        execution.thread(tid).fiber.take()
    });
    if let Some(fiber) = fiber {
        // SAFETY: the thread is never resumed again, and whoever borrows from its stack is given up as well.
        unsafe { fiber.abandon() };
    }
}
