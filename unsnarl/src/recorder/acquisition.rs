//! Acquisitions and releases of locks: the hot path. What a thread does over and over ends in its own
//! [`Local`](lockgraph::held::Local) half; the rest goes on to the shared engines.

use lockgraph::held::{Alone, Chain, Held};
use model::event::Attempt;
use model::id::LockId;

use super::leaks::watching;
use super::learn;
use super::races::locks;
use super::state::with;

/// Notes an acquisition, before the thread waits for the lock. One that is new is then to be told with
/// [`learn::new_chain`]; one that it cannot note with [`learn::unready`], when the lock has an identity.
#[inline(always)]
pub(crate) fn note(lock: Held, attempt: Attempt, alone: Alone) -> Chain {
    with(|thread| thread.held.acquire(lock, attempt, alone))
}

/// Reports that a lock is given back, or that asking for it failed.
#[inline(always)]
pub(crate) fn release(lock: LockId) {
    if !with(|thread| thread.held.release_last(lock)) {
        learn::release_out_of_order(lock);
    }
}

/// Reports that an object is destroyed.
#[inline(never)]
pub(crate) fn retire(lock: LockId) {
    locks::retire(lock);
    if watching::is_on() {
        watching::gone(lock);
    }
    if with(|thread| {
        let has_room = thread.retired.len() < thread.retired.capacity();
        if has_room {
            thread.retired.push(lock);
        }
        !has_room
    }) {
        learn::retire(lock);
    }
}
