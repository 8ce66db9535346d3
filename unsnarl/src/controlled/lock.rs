//! Mutexes and read-write locks under control.

use std::time::{Duration, Instant};

use explore::op::{Act, Choice, Obj, Op, Outcome};
use explore::world::{Lock, State};
use lockgraph::held::{Alone, Held};
use lockgraph::wait::need::Target;
use model::event::{Attempt, Mode};
use model::id::LockId;
use model::site::Caller;

use super::current::with;
use super::execution::{Execution, Name};
use super::mishap::happens;
use super::operation::{operate_with, slip, stop};

/// A lock is asked for; returns when it is the thread's. A lock that was got by trying is only noted.
pub(crate) fn acquire(lock: Held, attempt: Attempt, alone: Alone) {
    if attempt == Attempt::Try {
        return with(|execution| execution.note_acquisition(lock, attempt, alone));
    }
    operate_with(|execution| {
        execution.note_acquisition(lock, attempt, alone);
        let object = execution.lock(target_of(&lock));
        Op::new(Act::Lock(lock.mode), object, Some(lock.site))
    });
}

/// Tries to lock. Returns whether the lock is the thread's now.
pub(crate) fn try_acquire(target: Target, mode: Mode, site: Caller) -> bool {
    let outcome = operate_with(|execution| {
        let object = execution.lock(target);
        Op::new(Act::TryLock(mode), object, Some(site))
    });
    let fails = outcome == Outcome::Done && happens(Choice::Attempt);
    if fails {
        with(|execution| execution.fail_attempt(target));
    }
    outcome == Outcome::Done && !fails
}

/// Gives a lock back, or one that was granted but could not be had.
pub(crate) fn release(lock: LockId) {
    slip(|execution| {
        let _ = execution.running().held.release_last(lock)
            || execution.running().held.release_any(lock);
        let object = execution.known(Name::Tag(lock))?;
        Some(execution.run.world.unlocking(execution.current, object))
    });
}

/// A write lock becomes a read lock.
pub(crate) fn downgrade(lock: LockId) {
    slip(|execution| {
        let object = execution.known(Name::Tag(lock))?;
        Some(Op::new(Act::Downgrade, object, None))
    });
}

/// How long a lock may be held by somebody outside the execution.
const PATIENCE: Duration = Duration::from_secs(1);

/// Waits for a lock that is free in the execution, but held by somebody outside it.
pub(crate) fn wait_outside<R>(target: Target, mut attempt: impl FnMut() -> Option<R>) -> R {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(locked) = attempt() {
            return locked;
        }
        std::thread::yield_now();
    }
    with(|execution| {
        let kind = target.kind;
        execution.give_up(format!(
            "a {kind} is held by a thread that is not part of the run"
        ));
        execution.is_ending = true;
    });
    stop()
}

pub(super) fn target_of(lock: &Held) -> Target {
    Target {
        id: lock.lock,
        kind: lock.kind,
        origin: lock.origin,
    }
}

impl Execution {
    /// The lock that the running thread got by trying was not to be had after all.
    fn fail_attempt(&mut self, target: Target) {
        let (current, object) = (self.current, self.lock(target));
        let unlock = self.run.world.unlocking(current, object);
        let _ = self.run.world.apply(current, &unlock);
        self.run.came_to_nothing(current);
    }

    pub(super) fn lock(&mut self, target: Target) -> Obj {
        self.object(
            Name::Tag(target.id),
            target,
            || State::Lock(Lock::default()),
        )
    }
}
