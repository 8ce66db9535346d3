//! What one thread knows of itself.

use std::cell::UnsafeCell;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use lockgraph::held::Local;
use lockgraph::order::Who;
use model::clock::Segment;
use model::id::{LockId, ThreadId};

use super::races::lives::Start;

/// A thread's own state.
pub(super) struct Thread {
    pub(super) held: Local,
    /// Destroyed locks that the graph has not been told of yet.
    pub(super) retired: Vec<LockId>,
    pub(super) life: Life,
    pub(super) identity: Option<Box<Identity>>,
    /// The test that it runs, if that said so.
    pub(super) session: Option<Arc<str>>,
}

/// Whether a thread may record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// It has not used a watched object yet.
    Fresh,
    /// It records.
    Recording,
    /// It is inside the recorder: whatever it locks there, for instance in a global allocator, is not the program's.
    Busy,
    /// Its thread-locals are being destroyed, or all engines are off.
    Over,
    /// It runs the threads of an explored run: every operation takes the cold path, and is the explorer's business.
    #[cfg(feature = "explore")]
    Controlled,
}

/// A thread as the recorder knows it.
pub(super) struct Identity {
    pub(super) id: ThreadId,
    pub(super) who: Who,
    /// What it belongs to outside of sessions: the thread, or the test, that it descends from.
    pub(super) family: Arc<str>,
    /// Its place in the order of forks and joins.
    pub(super) segment: Segment,
    /// What it waits on when it is parked.
    pub(super) park: LockId,
    /// Where its last segment goes when it ends.
    pub(super) last: Option<Arc<OnceLock<Segment>>>,
    /// What it takes over from whoever started it, and leaves to whoever joins it.
    pub(super) start: Start,
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
            session: None,
        }))
    };
}

/// Runs `f` with the thread's own state. `f` must not call anything that could come back here.
#[inline(always)]
pub(super) fn with<R>(f: impl FnOnce(&mut Thread) -> R) -> R {
    // Only the address comes out of `LocalKey::with`, which is not always inlined.
    let thread = THREAD.with(UnsafeCell::get);
    // SAFETY: the state belongs to this thread and lives as long as it. `f` is one of the closures of this room, and
    // none of them calls code that enters `with` again, so no second reference exists while `f` runs.
    f(unsafe { &mut *thread })
}

/// Whether the current thread runs the threads of an explored run.
#[cfg(feature = "explore")]
#[inline(always)]
pub(crate) fn is_controlled() -> bool {
    with(|thread| thread.life == Life::Controlled)
}

/// Puts control off while it lives.
#[cfg(feature = "explore")]
pub(crate) struct Paused(());

/// The explorer is about to do something of its own; the thread is controlled, or paused already.
#[cfg(feature = "explore")]
pub(crate) fn pause_control() -> Paused {
    with(|thread| thread.life = Life::Busy);
    Paused(())
}

#[cfg(feature = "explore")]
impl Drop for Paused {
    fn drop(&mut self) {
        with(|thread| thread.life = Life::Controlled);
    }
}

/// A thread under control; what it was before comes back at the end.
#[cfg(feature = "explore")]
pub(crate) struct Controlled {
    held: Local,
    retired: Vec<LockId>,
    life: Life,
}

/// Puts the current thread under control.
#[cfg(feature = "explore")]
pub(crate) fn take_control() -> Controlled {
    with(|thread| Controlled {
        held: std::mem::take(&mut thread.held),
        retired: std::mem::take(&mut thread.retired),
        life: std::mem::replace(&mut thread.life, Life::Controlled),
    })
}

#[cfg(feature = "explore")]
impl Drop for Controlled {
    fn drop(&mut self) {
        with(|thread| {
            thread.held = std::mem::take(&mut self.held);
            thread.retired = std::mem::take(&mut self.retired);
            thread.life = self.life;
        });
    }
}

/// A thread inside the recorder, with its own state in hand. Leaving puts the state back.
pub(super) struct Inside {
    pub(super) held: Local,
    /// There until the thread leaves.
    identity: Option<Box<Identity>>,
}

/// Steps into the recorder, if the thread records.
pub(super) fn step_in() -> Option<Inside> {
    with(|thread| {
        if thread.life != Life::Recording {
            return None;
        }
        thread.life = Life::Busy;
        Some(Inside {
            held: std::mem::take(&mut thread.held),
            identity: thread.identity.take(),
        })
    })
}

impl Inside {
    pub(super) fn identity(&self) -> &Identity {
        self.identity
            .as_ref()
            .expect("a thread that records has an identity")
    }

    pub(super) fn identity_mut(&mut self) -> &mut Identity {
        self.identity
            .as_mut()
            .expect("a thread that records has an identity")
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let held = std::mem::take(&mut self.held);
        let identity = self.identity.take();
        with(|thread| {
            thread.held = held;
            thread.identity = identity;
            thread.life = Life::Recording;
        });
    }
}

/// The current thread is inside the recorder, whoever it is.
pub(crate) struct Quiet {
    life: Life,
    inside: Option<Inside>,
}

/// Steps into the recorder, also where the thread does not record: then it stays unknown, and what it locks meanwhile is not
/// the program's.
pub(crate) fn quiet() -> Quiet {
    let inside = step_in();
    let life = with(|thread| std::mem::replace(&mut thread.life, Life::Busy));
    Quiet { life, inside }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        with(|thread| thread.life = self.life);
        drop(self.inside.take());
    }
}

/// The next identity to give to an object.
static NEXT_ID: AtomicU32 = AtomicU32::new(1);

/// An identity never given before. After four billion, all objects share the last one and are not told apart.
pub(crate) fn fresh_id() -> LockId {
    let step = |id: u32| id.checked_add(1);
    // Relaxed, Relaxed: numbers only need to be different.
    let id = NEXT_ID.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
    id.map_or(LockId::ANY, LockId)
}

/// The next number to give to a thread.
static NEXT_THREAD: AtomicU32 = AtomicU32::new(1);

/// A number that no thread had before.
pub(super) fn fresh_thread() -> ThreadId {
    // Relaxed: numbers only need to be different.
    ThreadId(NEXT_THREAD.fetch_add(1, Ordering::Relaxed))
}

/// The number that the next thread will have, or a later one.
pub(super) fn next_thread() -> ThreadId {
    // Relaxed: threads that the current one starts later have later numbers, as it takes them itself.
    ThreadId(NEXT_THREAD.load(Ordering::Relaxed))
}

/// How many threads have used a watched object.
pub(super) fn threads() -> u64 {
    // Relaxed: a figure for the report.
    u64::from(NEXT_THREAD.load(Ordering::Relaxed) - 1)
}
