//! Where the program meets the engines: the only place with globals and thread-locals.
//!
//! A watched operation announces itself here before it blocks. What a thread does over and over ends in its own
//! [`Local`] half; the rest goes on to the shared engines in the files below.

mod backtraces;
mod ending;
mod findings;
mod learn;
mod monitor;
mod options;
mod root;
mod scopes;
mod system;
mod threads;
mod waits;

use std::cell::UnsafeCell;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicU32, Ordering};

use lockgraph::held::{Chain, Held, Local};
use model::event::{Attempt, Mode};
use model::id::LockId;
use model::site::Caller;

use crate::watched::tag::Tag;

pub(crate) use self::scopes::{join_scope, leave_scope};
pub(crate) use self::threads::{Child, fork};
pub(crate) use self::waits::{Poke, Waiting, block, park_id, unparked, wait, woken};

/// What one thread knows of itself.
struct Thread {
    held: Local,
    /// Destroyed locks that the graph has not been told of yet.
    retired: Vec<LockId>,
    life: Life,
    identity: Option<Box<threads::Identity>>,
}

/// Whether the thread may record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    /// It has not used a watched object yet.
    Fresh,
    /// It records.
    Recording,
    /// It is inside the recorder: whatever it locks there, for instance in a global allocator, is not the program's.
    Busy,
    /// Its thread-locals are being destroyed, or all engines are off.
    Over,
}

thread_local! {
    /// Without a destructor, so that it can be used in the destructors of other thread-locals. While a thread does not
    /// record, `held` is empty and without memory, which sends every acquisition to the cold path.
    static THREAD: UnsafeCell<ManuallyDrop<Thread>> = const {
        UnsafeCell::new(ManuallyDrop::new(Thread {
            held: Local::new(),
            retired: Vec::new(),
            life: Life::Fresh,
            identity: None,
        }))
    };
}

/// The next identity to give out.
static NEXT_ID: AtomicU32 = AtomicU32::new(1);

/// An identity never given before. After four billion, all objects share the last one and are not told apart.
pub(crate) fn fresh_id() -> LockId {
    let step = |id: u32| id.checked_add(1);
    // Relaxed, Relaxed: numbers only need to be different.
    let id = NEXT_ID.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
    LockId(id.unwrap_or(u32::MAX))
}

/// Runs `f` with the thread's own state. `f` must not call anything that could come back here.
#[inline(always)]
fn with<R>(f: impl FnOnce(&mut Thread) -> R) -> R {
    // SAFETY: the state belongs to this thread, `f` is one of the closures of this room, and none of them calls code
    // that enters `with` again, so no second reference exists while `f` runs.
    THREAD.with(|thread| f(unsafe { &mut *thread.get() }))
}

#[inline(always)]
fn held(tag: &Tag, mode: Mode, site: Caller) -> Held {
    Held {
        chain: 0,
        site,
        origin: tag.origin(),
        lock: tag.id(),
        mode,
        kind: tag.kind(),
    }
}

/// What is left to do about an acquisition.
enum Note {
    /// Nothing.
    Known,
    /// The thread has not made it before.
    New,
    /// It was not noted yet: there is no room.
    NoRoom,
}

/// Announces that a lock is asked for, before the thread waits for it.
// Not inlined in debug builds: the caller's crate would compile it again, without optimisation.
#[cfg_attr(debug_assertions, inline(never))]
#[cfg_attr(not(debug_assertions), inline)]
pub(crate) fn acquire(tag: &Tag, mode: Mode, site: Caller) {
    note(held(tag, mode, site), Attempt::Blocking, WhenAlone::Skip);
}

/// Announces a write lock: it matters even with nothing held, because readers queue behind it.
#[cfg_attr(debug_assertions, inline(never))]
#[cfg_attr(not(debug_assertions), inline)]
pub(crate) fn acquire_write(tag: &Tag, site: Caller) {
    note(
        held(tag, Mode::Exclusive, site),
        Attempt::Blocking,
        WhenAlone::Record,
    );
}

/// Reports that a lock was got without waiting for it.
#[cfg_attr(debug_assertions, inline(never))]
#[cfg_attr(not(debug_assertions), inline)]
pub(crate) fn acquired_by_try(tag: &Tag, mode: Mode, site: Caller) {
    note(held(tag, mode, site), Attempt::Try, WhenAlone::Skip);
}

#[inline(always)]
fn note(lock: Held, attempt: Attempt, when_alone: WhenAlone) {
    match with(|thread| thread.note(lock, attempt, when_alone)) {
        Note::Known => {}
        Note::New => learn::new_chain(attempt),
        Note::NoRoom => learn::no_room(lock, attempt, when_alone),
    }
}

/// Whether an acquisition with nothing held says anything.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WhenAlone {
    Skip,
    Record,
}

impl Thread {
    #[inline(always)]
    fn note(&mut self, lock: Held, attempt: Attempt, when_alone: WhenAlone) -> Note {
        if self.held.is_full() {
            return Note::NoRoom;
        }
        let chain = match when_alone {
            WhenAlone::Skip => self.held.acquire(lock, attempt),
            WhenAlone::Record => self.held.acquire_recorded(lock, attempt),
        };
        if chain == Chain::New {
            Note::New
        } else {
            Note::Known
        }
    }
}

/// Reports that a lock is given back, or that asking for it failed.
#[cfg_attr(debug_assertions, inline(never))]
#[cfg_attr(not(debug_assertions), inline)]
pub(crate) fn release(tag: &Tag) {
    let lock = tag.id();
    if with(|thread| !thread.held.release(lock)) {
        learn::release_unseen(lock);
    }
}

/// Reports that an object is destroyed.
#[cfg_attr(debug_assertions, inline(never))]
#[cfg_attr(not(debug_assertions), inline)]
pub(crate) fn retire(lock: LockId) {
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
