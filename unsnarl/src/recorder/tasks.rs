//! Tasks of an asynchronous runtime. To the engines a task is a thread: what it holds, who it is and what it knows is put in
//! the place of its thread's own while it is polled ([`visit`]), so that all that is watched meanwhile is its doing.
//!
//! # When a task waits
//!
//! A task that is suspended can only go on when its waker is called. It has two: one for the watched operations that it
//! awaits, and one for everybody else, of which the living copies are counted ([`signal`]). Where nobody else has one, the
//! task waits for its pending watched operations and for nothing else, and the hang detector is told; the moment a waker is
//! called, it is told of that too. In all other cases the task counts as one that runs.
//!
//! Of several pending operations any could wake it (`select!`); where all are needed (`join!`), the hang detector believes in
//! too many ways out, which hides hangs and makes none up.
//!
//! # What a task holds
//!
//! `join!` and the like run several branches in one task, and what one of them holds does not keep another one waiting.
//! So an order of asynchronous locks is only told where no other branch can be there ([`Task::is_one_branch`]). A guard that
//! can be handed on (an owned one) is nobody's: whoever waits for it might be helped by anyone.

pub(crate) mod claims;
pub(crate) mod permits;
pub(crate) mod signal;
pub(crate) mod suspension;
pub(crate) mod visit;

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Waker;

use lockgraph::held::Local;
use model::id::{LockId, ThreadId};
use model::site::Caller;
use rustc_hash::{FxBuildHasher, FxHashMap};

use self::signal::Waking;
use self::suspension::Operations;
use self::visit::Image;
use super::inside::enter;
use super::leaks::{self, Watch};
use super::noise;
use super::profile::{self, Being};
use super::races::halves::Half;
use super::seats::seats;
use super::state::Life;
use super::threads::{self, Child};

/// A task, or the future that a thread blocks on: that one is the thread itself.
pub struct Task {
    id: ThreadId,
    /// `None` for the future that a thread blocks on.
    child: Option<Child>,
    waking: Mutex<Waking>,
    operations: Mutex<Operations>,
    /// What it has, as long as it does not run.
    image: Mutex<Option<Image>>,
    /// Locks of its own that others have given back.
    dropped: Mutex<Vec<LockId>>,
    /// What is to be looked at when the thread blocks on it no longer.
    watches: Mutex<Vec<Watch>>,
    /// Whether one thread runs it from its beginning to its end.
    is_pinned: bool,
}

thread_local! {
    /// The task that the current thread polls, if its wakers are ours.
    static CURRENT: RefCell<Option<Arc<Task>>> = const { RefCell::new(None) };
}

/// The tasks that live.
static TASKS: Mutex<FxHashMap<ThreadId, Weak<Task>>> =
    Mutex::new(FxHashMap::with_hasher(FxBuildHasher));

/// What `f` was called for is not changed when it panics.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A task that lives.
fn find(id: ThreadId) -> Option<Arc<Task>> {
    lock(&TASKS).get(&id)?.upgrade()
}

/// The task that the current thread polls.
pub(crate) fn current() -> Option<Arc<Task>> {
    CURRENT
        .try_with(|current| current.borrow().clone())
        .ok()
        .flatten()
}

/// Runs `f`, which may block the thread: the runtime was told.
pub fn may_block<R>(f: impl FnOnce() -> R) -> R {
    struct Back(Option<Arc<Task>>);
    impl Drop for Back {
        fn drop(&mut self) {
            let _ = CURRENT.try_with(|current| current.replace(self.0.take()));
        }
    }
    let outer = CURRENT.try_with(|current| current.replace(None));
    let _back = Back(outer.ok().flatten());
    f()
}

/// The task that the current thread polls, if this is the waker that it was polled with.
pub fn polled_with(waker: &Waker) -> Option<Arc<Task>> {
    current().filter(|task| lock(&task.waking).is_own(waker))
}

/// Where the running task awaits the watched operation that it has come to last.
pub(super) fn awaits() -> Option<Caller> {
    let task = current()?;
    let operations = lock(&task.operations);
    operations.pending.last().map(|(_, awaited)| awaited.site)
}

/// Where a task that lives was suspended last.
pub(super) fn suspended_at(id: ThreadId) -> Option<Caller> {
    lock(&find(id)?.operations).last
}

/// Where each task that lives was suspended last, if that is known.
pub(super) fn suspended() -> FxHashMap<ThreadId, Caller> {
    let tasks: Vec<Arc<Task>> = lock(&TASKS).values().filter_map(Weak::upgrade).collect();
    let places = tasks.iter();
    let places = places.filter_map(|task| Some((task.id, lock(&task.operations).last?)));
    places.collect()
}

/// A task that is about to be spawned there; `None` if nothing is watched. `is_pinned`: one thread runs it.
pub fn plan(site: Caller, is_pinned: bool) -> Option<Arc<Task>> {
    let child = threads::fork_task(site);
    let (identity, course) = child.identity()?;
    let id = identity.id;
    let image = Image {
        held: Local::new(),
        identity: Some(Box::new(identity)),
        life: Life::Recording,
        half: Half::FRESH,
        place: noise::Place::of(course),
        profile: profile::Half::default(),
    };
    let task = Task::new(id, Some(child), Some(image), is_pinned);
    let _inside = enter();
    profile::begin(Being::Task, Some(site));
    seats().sit_anywhere(id);
    lock(&TASKS).insert(id, Arc::downgrade(&task));
    Some(task)
}

/// Tasks that are to be over when their runtime ends.
pub struct AtEnd(Watch);

/// Those of a runtime that the current thread makes, if its test must leave nothing behind.
pub fn at_end() -> Option<AtEnd> {
    leaks::of_tasks().map(AtEnd)
}

impl AtEnd {
    /// Sees which are left, and returns what is to be said of them; `drive` lets the runtime get on.
    pub fn see(&self, drive: &dyn Fn()) -> Option<String> {
        self.0.end_with(drive)
    }
}

/// The future that the current thread is about to block on; `None` if the thread is not watched.
pub fn root() -> Option<Arc<Task>> {
    let inside = enter()?;
    let id = inside.identity().id;
    if find(id).is_some() {
        // It is a task that has its thread for itself; to the engines it goes on running.
        return None;
    }
    let task = Task::new(id, None, None, true);
    lock(&task.operations).held_before = inside.held.held().len();
    drop(inside);
    let _inside = enter();
    lock(&TASKS).insert(id, Arc::downgrade(&task));
    Some(task)
}

impl Task {
    fn new(id: ThreadId, child: Option<Child>, image: Option<Image>, is_pinned: bool) -> Arc<Self> {
        Arc::new(Self {
            id,
            child,
            waking: Mutex::new(Waking::new(id)),
            operations: Mutex::default(),
            image: Mutex::new(image),
            dropped: Mutex::default(),
            watches: Mutex::default(),
            is_pinned,
        })
    }

    /// Its number.
    pub fn id(&self) -> ThreadId {
        self.id
    }

    /// What it leaves to whoever sees its end; `None` for the future that a thread blocks on.
    pub fn child(&self) -> Option<&Child> {
        self.child.as_ref()
    }

    /// Leaves it to the end of what the thread blocks on, which this is, to see which threads and tasks are left: until then
    /// the runtime may not get on.
    pub(crate) fn see_at_end(&self, watch: Watch) {
        lock(&self.watches).push(watch);
    }

    /// Sees which threads and tasks are left, and returns what is to be said of them; `drive` lets the runtime get on.
    pub fn check_leaks(&self, drive: &dyn Fn()) -> Option<String> {
        let watches = std::mem::take(&mut *lock(&self.watches));
        let told = watches.iter().map(|watch| watch.end_with(drive));
        told.fold(None, Option::or)
    }

    /// Whether it is the future that a thread blocks on.
    pub(crate) fn is_root(&self) -> bool {
        self.child.is_none()
    }

    /// The waker for an operation that is watched.
    pub fn waker_for_watched(&self) -> Waker {
        lock(&self.waking).for_watched()
    }

    /// Whether what the task does now cannot be the doing of one of several branches.
    pub fn is_one_branch(&self) -> bool {
        let waking = lock(&self.waking);
        // Who polls has one copy.
        let copies = waking.copies().saturating_sub(1);
        let operations = lock(&self.operations);
        let may_hide = operations.has_branches && waking.was_called_by_others();
        copies == 0 && operations.pending.is_empty() && !may_hide
    }
}
