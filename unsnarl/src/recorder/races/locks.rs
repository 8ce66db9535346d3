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
    if lock == LockId::ANY {
        return received(lock);
    }
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

/// Whoever has got a lock comes after those who had it before: readers after writers only.
#[inline]
fn follow(edge: &Edge, mode: Mode, lock: LockId, local: &mut Local, lessons: &mut Lessons) {
    let mut learn = |stamp: &Stamp| {
        let before = local.epoch();
        local.acquire(stamp);
        if local.epoch() != before
            && let Some(held) = held::of(lock)
        {
            lessons.add(stamp, By::Lock(held));
        }
    };
    // SAFETY: the thread has got the lock, and gives it back after this.
    learn(unsafe { edge.owned() });
    if mode == Mode::Exclusive
        && let Some(readers) = edge.shared()
    {
        learn(readers.arrived());
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
    if lock == LockId::ANY {
        return giving(lock);
    }
    me::with(|me| {
        me.read = None;
        let edge = me.edges.find(lock);
        let op = match mode {
            Mode::Exclusive => {
                // SAFETY: the thread has the lock for itself still.
                unsafe { edge.release(me.person.id, &mut me.local) };
                Op::Release(lock.0)
            }
            Mode::Shared => {
                edge.share(&mut me.local);
                Op::ReleaseShared(lock.0)
            }
        };
        me.note(op, None);
    });
}

/// What the current thread has done comes before whatever a thread does that [`received`] from this object later.
#[cold]
pub(crate) fn giving(object: LockId) {
    me::with(|me| {
        me.read = None;
        me.edges.find(object).share(&mut me.local);
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
        if let Some(given) = me.edges.find(object).shared() {
            given.leave(&mut me.local);
        }
        me.note(Op::Leave(object.0), None);
    });
}
