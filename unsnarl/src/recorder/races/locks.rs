//! Locks, channels, barriers and once-cells, as order.

use model::event::Mode;
use model::id::LockId;
use race::event::Op;
use race::local::Local;
use race::stamp::Stamp;

use super::edge::{self, Edge};
use super::lessons::{By, Lessons};
use super::{held, is_watching, me};

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
        me.read = None;
        let edge = me.edges.find(lock);
        if mode == Mode::Shared || !edge.was_last(me.person.id) {
            follow(edge, mode, lock, &mut me.local, &mut me.lessons);
        }
        let was_tried = std::mem::take(&mut me.tried) == lock;
        me.note_acquisition(match mode {
            Mode::Exclusive if was_tried => Op::AcquireTry(lock.0),
            Mode::Exclusive => Op::Acquire(lock.0),
            Mode::Shared => Op::AcquireShared(lock.0),
        });
    });
}

/// Whoever has got a lock comes after those who had it before.
#[inline]
fn follow(edge: &Edge, mode: Mode, lock: LockId, local: &mut Local, lessons: &mut Lessons) {
    let before = local.epoch();
    let clocks = edge.clocks();
    match mode {
        Mode::Exclusive => clocks.acquire(local),
        Mode::Shared => clocks.acquire_shared(local),
    }
    if local.epoch() != before
        && let Some(held) = held::of(lock)
    {
        let stamps = clocks.stamps().into_iter().filter(|stamp| !stamp.is_none());
        stamps.for_each(|stamp| lessons.add(stamp, By::Lock(held)));
    }
}

/// The current thread is about to get a lock by trying.
#[cold]
pub(crate) fn tried(lock: LockId) {
    me::with(|me| me.tried = lock);
}

/// The current thread is about to give a lock back.
#[inline(never)]
pub(crate) fn leaving(lock: LockId, mode: Mode) {
    me::with(|me| {
        me.read = None;
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
        let op = match mode {
            Mode::Exclusive => Op::Release(lock.0),
            Mode::Shared => Op::ReleaseShared(lock.0),
        };
        me.note(op, None);
    });
}

/// What the current thread has done comes before whatever a thread does that [`received`] from this object later.
#[cold]
pub(crate) fn giving(object: LockId) {
    me::with(|me| {
        me.read = None;
        let mut clocks = me.edges.find(object).clocks();
        clocks.release_shared(&mut me.local);
        drop(clocks);
        me.note(Op::Arrive(object.0), None);
    });
}

/// The current thread is about to send a message: what is returned goes with it, for whoever it is [delivered] to.
#[cold]
pub(crate) fn posting(channel: LockId) -> Stamp {
    let posted = me::with(|me| {
        me.read = None;
        let stamp = me.local.release();
        me.note(Op::Arrive(channel.0), None);
        stamp
    });
    posted.unwrap_or_default()
}

/// The current thread has got a message, with this.
#[cold]
pub(crate) fn delivered(posted: &Stamp) {
    me::with(|me| {
        me.read = None;
        me.local.acquire(posted);
    });
}

/// The current thread has got a message from this channel. A recording knows no messages, only who comes after whom.
#[cold]
pub(crate) fn taken_out(channel: LockId) {
    me::with(|me| me.note(Op::Leave(channel.0), None));
}

/// The current thread comes after all that has been [given](giving) to this object.
#[cold]
pub(crate) fn received(object: LockId) {
    me::with(|me| {
        me.read = None;
        let clocks = me.edges.find(object).clocks();
        clocks.acquire(&mut me.local);
        drop(clocks);
        me.note(Op::Leave(object.0), None);
    });
}
