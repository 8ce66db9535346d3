//! Locks, channels, barriers and once-cells, as order.

use model::event::Mode;
use model::id::LockId;

use super::{edge, is_watching, me};

/// An object is destroyed.
#[inline(always)]
pub(crate) fn retire(object: LockId) {
    if is_watching() {
        edge::forget(object);
    }
}

/// The current thread has got a lock.
#[inline(never)]
pub(crate) fn entered(lock: LockId, mode: Mode) {
    me::with(|me| {
        let edge = me.edges.find(lock);
        match mode {
            Mode::Exclusive if edge.was_last(me.person.id) => {}
            Mode::Exclusive => edge.clocks().acquire(&mut me.local),
            Mode::Shared => edge.clocks().acquire_shared(&mut me.local),
        }
    });
}

/// The current thread is about to give a lock back.
#[inline(never)]
pub(crate) fn leaving(lock: LockId, mode: Mode) {
    me::with(|me| {
        let edge = me.edges.find(lock);
        match mode {
            Mode::Exclusive => {
                edge.set_last(me.person.id);
                edge.clocks().release(&mut me.local);
            }
            Mode::Shared => {
                edge.share();
                edge.clocks().release_shared(&mut me.local);
            }
        }
    });
}

/// What the current thread has done comes before whatever a thread does that [`received`] from this object later.
#[cold]
pub(crate) fn giving(object: LockId) {
    me::with(|me| me.edges.find(object).clocks().release_shared(&mut me.local));
}

/// The current thread comes after all that has been [given](giving) to this object.
#[cold]
pub(crate) fn received(object: LockId) {
    me::with(|me| me.edges.find(object).clocks().acquire(&mut me.local));
}
