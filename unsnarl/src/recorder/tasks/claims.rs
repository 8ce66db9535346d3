//! Asynchronous locks that are held: by a task, or by nobody in particular where the guard can be handed on.

use std::sync::Mutex;

use lockgraph::held::{Alone, Chain, Held};
use model::event::Attempt;
use model::id::{LockId, ThreadId};
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::{Task, current, find, lock};
use crate::recorder::acquisition::note;
use crate::recorder::learn;
use crate::recorder::seats::seats;
use crate::recorder::state::{quiet, with};

/// The locks, and how many guards of each, of which nobody knows who has them.
static LOOSE: Mutex<FxHashMap<LockId, u32>> = Mutex::new(FxHashMap::with_hasher(FxBuildHasher));

/// Whose a guard is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody watches.
    Unknown,
    /// Whoever has it.
    Anyone,
    /// This task's, or thread's.
    One(ThreadId),
}

/// Nobody knows any more who has the guard of this lock.
pub(super) fn set_loose(lock_id: LockId) {
    *lock(&LOOSE).entry(lock_id).or_default() += 1;
}

/// Whether somebody has a guard of this lock of whom nobody knows.
pub(crate) fn is_loose(lock_id: LockId) -> bool {
    lock(&LOOSE).contains_key(&lock_id)
}

fn unset_loose(lock_id: LockId) -> bool {
    let mut loose = lock(&LOOSE);
    let Some(count) = loose.get_mut(&lock_id) else {
        return false;
    };
    *count -= 1;
    if *count == 0 {
        loose.remove(&lock_id);
    }
    true
}

/// The task asks for a lock, and may be suspended until it has it.
///
/// # Panics
///
/// With `UNSNARL_ON_FINDING=panic`, if that makes something new possible.
pub fn ask(task: &Task, wanted: Held, alone: Alone) {
    // What another branch holds does not keep this one waiting, and it is noted as held only when it is.
    if task.is_one_branch() {
        tell(wanted, Attempt::Blocking, alone);
        let_go(wanted.lock);
    }
}

/// The running task has got a lock, and the guard borrows it.
pub fn hold(wanted: Held) -> Owner {
    match own_id().filter(|_| current().is_some()) {
        Some(id) => {
            // It is a try that succeeds: what had to be said about waiting for it was said before.
            tell(wanted, Attempt::Try, Alone::Silent);
            Owner::One(id)
        }
        None => Owner::Unknown,
    }
}

/// Somebody has got a lock with a guard that can be handed on.
pub fn hold_loosely(lock_id: LockId) -> Owner {
    set_loose(lock_id);
    Owner::Anyone
}

/// A guard is dropped.
pub fn release(lock_id: LockId, owner: Owner) {
    match owner {
        Owner::Unknown => {}
        Owner::Anyone => {
            unset_loose(lock_id);
        }
        Owner::One(id) if own_id() == Some(id) => let_go(lock_id),
        Owner::One(id) => match find(id) {
            Some(task) => task.is_dropped_by_another(lock_id),
            None => {
                unset_loose(lock_id);
            }
        },
    }
}

fn own_id() -> Option<ThreadId> {
    with(|thread| thread.identity.as_ref().map(|identity| identity.id))
}

fn tell(wanted: Held, attempt: Attempt, alone: Alone) {
    match note(wanted, attempt, alone) {
        Chain::Known => {}
        Chain::New => learn::new_chain(attempt),
        Chain::Unready => learn::unready(wanted, attempt, alone),
    }
}

fn let_go(lock_id: LockId) {
    with(|thread| {
        if !thread.held.release_last(lock_id) {
            thread.held.release_any(lock_id);
        }
    });
}

impl Task {
    /// Somebody else has dropped a guard that was this task's.
    fn is_dropped_by_another(&self, lock_id: LockId) {
        let image = lock(&self.image);
        lock(&self.dropped).push(lock_id);
        let _quiet = quiet();
        seats().graph.let_go(self.id, lock_id);
        drop(image);
    }

    /// What others have dropped is not held any more. The task runs here.
    pub(super) fn let_go_of_dropped(&self) {
        let dropped = std::mem::take(&mut *lock(&self.dropped));
        dropped.into_iter().for_each(let_go);
    }
}
