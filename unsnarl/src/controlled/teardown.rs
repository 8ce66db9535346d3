//! The end of the threads that an execution leaves behind: they unwind, the youngest first, so that what they hold is
//! given back and what they own is dropped.
//!
//! A thread whose destructors wait for something that never comes is given up: its stack is used again, and what lives
//! on it is leaked. It borrows from older threads only through scopes, whose owners wait for it even now, so that they
//! are given up too. So are all that are left when a destructor panics while its thread unwinds.
//!
//! Where a thread is about to do something to an atomic, is parked, or sleeps in the kernel, all of them are given up: neither ever panics, so
//! code around them is right not to be prepared for it, and values may be half changed, or others may point to its stack.

use explore::op::{Act, Obj, Tid};

use super::current::with;
use super::execution::Execution;
use super::fiber::Wake;
use super::thread::resume;

/// Ends all threads. Returns whether some had to be given up.
pub(super) fn tear_down() -> bool {
    with(|execution| {
        execution.is_ending = true;
        execution.signal = None;
    });
    if !with(|execution| execution.may_unwind()) {
        let alive = alive();
        alive.iter().copied().for_each(give_up);
        return !alive.is_empty();
    }
    for tid in alive() {
        let may_unwind =
            with(|execution| !execution.has_lost_thread && !execution.thread(tid).sleeps_unwinding);
        if may_unwind {
            resume(tid, Wake::Stop);
        }
    }
    while let Some(tid) = alive()
        .into_iter()
        .find(|&tid| with(|execution| !execution.has_lost_thread && execution.could_go_on(tid)))
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

impl Execution {
    /// Whether no thread is in the middle of something that cannot fail.
    fn may_unwind(&self) -> bool {
        let alive = self.threads.iter().zip(self.run.world.threads());
        alive
            .filter(|(thread, _)| thread.fiber.is_some())
            .filter_map(|(_, known)| known.pending)
            .all(|op| !never_panics(op.act))
    }
}

/// Whether the standard library promises that nothing unwinds from here.
fn never_panics(act: Act) -> bool {
    matches!(
        act,
        Act::Load
            | Act::Store
            | Act::Update
            | Act::Fence
            | Act::Park { .. }
            | Act::Unpark
            | Act::Wait { mutex: Obj::NONE }
            | Act::Wake {
                mutex: Obj::NONE,
                ..
            }
            | Act::Yield
            | Act::Sleep(_)
    )
}

fn give_up(tid: Tid) {
    let fiber = with(|execution| {
        execution.run.world.end(tid);
        // They belong to what is leaked.
        std::mem::forget(std::mem::take(&mut execution.thread(tid).locals));
        execution.thread(tid).fiber.take()
    });
    if let Some(fiber) = fiber {
        // SAFETY: the thread is never resumed again, and whoever borrows from its stack is given up as well.
        unsafe { fiber.abandon() };
    }
}
