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

use lockgraph::held::{Alone, Chain, Held, Local};
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
    // Only the address comes out of `LocalKey::with`, which is not always inlined.
    let thread = THREAD.with(UnsafeCell::get);
    // SAFETY: the state belongs to this thread and lives as long as it. `f` is one of the closures of this room, and
    // none of them calls code that enters `with` again, so no second reference exists while `f` runs.
    f(unsafe { &mut *thread })
}

#[inline(always)]
fn held(tag: &Tag, mode: Mode, site: Caller) -> Held {
    Held {
        lock: tag.known_id(),
        chain: 0,
        site,
        origin: tag.origin(),
        mode,
        kind: tag.kind(),
    }
}

// The functions below are not inlined: a caller built without optimisation would compile them again, without; and one
// with optimisation keeps its guards in registers when the calls around them are small.

/// Announces that a lock is asked for, before the thread waits for it.
#[inline(never)]
pub(crate) fn acquire(tag: &Tag, mode: Mode, site: Caller) {
    note(tag, mode, site, Attempt::Blocking, Alone::Silent);
}

/// Announces a write lock: it matters even with nothing held, because readers queue behind it.
#[inline(never)]
pub(crate) fn acquire_write(tag: &Tag, site: Caller) {
    note(
        tag,
        Mode::Exclusive,
        site,
        Attempt::Blocking,
        Alone::Telling,
    );
}

/// Reports that a lock was got without waiting for it.
#[inline(never)]
pub(crate) fn acquired_by_try(tag: &Tag, mode: Mode, site: Caller) {
    note(tag, mode, site, Attempt::Try, Alone::Silent);
}

#[inline(always)]
fn note(tag: &Tag, mode: Mode, site: Caller, attempt: Attempt, alone: Alone) {
    let lock = held(tag, mode, site);
    match with(|thread| thread.held.acquire(lock, attempt, alone)) {
        Chain::Known => {}
        Chain::New => learn::new_chain(attempt),
        Chain::Unready => learn::unready(tag, mode, site, attempt, alone),
    }
}

/// Reports that a lock is given back, or that asking for it failed.
#[inline(never)]
pub(crate) fn release(tag: &Tag) {
    let lock = tag.known_id();
    if !with(|thread| thread.held.release_last(lock)) {
        learn::release_out_of_order(lock);
    }
}

/// Reports that an object is destroyed.
#[inline(never)]
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
