//! Whose panic poisons a lock: not that which ends a thread because the execution is over, nor one of another thread, and
//! not one of an earlier execution.

use std::sync::{LazyLock, Mutex, PoisonError};

use model::id::LockId;
use rustc_hash::FxHashMap;

use super::current::with;

/// Locks that a panic poisoned in an execution, and which.
static POISONED: LazyLock<Mutex<FxHashMap<LockId, u64>>> = LazyLock::new(Mutex::default);

/// The running thread has let a lock go while something unwound, and that poisoned it. Returns whether it was no panic of
/// its own.
pub(crate) fn is_undue(lock: LockId) -> bool {
    let (is_undue, number) = with(|execution| {
        let is_undue = !execution.unwinds() || execution.is_ending;
        (is_undue, execution.number)
    });
    if !is_undue {
        let mut poisoned = POISONED.lock().unwrap_or_else(PoisonError::into_inner);
        poisoned.insert(lock, number);
    }
    is_undue
}

/// Whether a lock that is poisoned was so by an earlier execution. It is told once.
pub(crate) fn is_stale(lock: LockId) -> bool {
    let number = with(|execution| execution.number);
    let mut poisoned = POISONED.lock().unwrap_or_else(PoisonError::into_inner);
    let is_stale = poisoned.get(&lock).is_some_and(|&by| by != number);
    if is_stale {
        poisoned.remove(&lock);
    }
    is_stale
}
