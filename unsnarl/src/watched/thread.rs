//! `std::thread`'s threads, watched: spawning, joining, parking.

use std::cell::Cell;
use std::fmt;
use std::num::NonZero;
use std::panic::Location;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::Result;
#[cfg(not(feature = "explore"))]
use std::thread::ThreadId;
use std::time::Duration;

use lockgraph::wait::need::{Deed, Need, Target};
use model::id::LockId;
use model::kind::Kind;
use model::profile::Why;
use model::site::{Caller, Origin};
use stress::fault::Fault;
use stress::point::Deed as Act;

use super::life::{living, start};
#[cfg(feature = "explore")]
use super::thread_id::ThreadId;
#[cfg(feature = "explore")]
use crate::controlled;
use crate::recorder::noise::{self, Object};
use crate::recorder::profile;
use crate::recorder::races::parks;
use crate::recorder::seats::Poke;
use crate::recorder::threads::Child;
use crate::recorder::waits;

/// The watched form of [`std::thread::JoinHandle`].
pub struct JoinHandle<T>(Way<T>);

/// How a thread runs.
pub(crate) enum Way<T> {
    /// As one of the operating system.
    Observed {
        inner: std::thread::JoinHandle<T>,
        child: Child,
    },
    /// In its turn.
    #[cfg(feature = "explore")]
    Controlled(controlled::thread::Handle<T>),
}

/// The watched form of [`std::thread::Thread`].
#[derive(Clone)]
#[repr(transparent)]
pub struct Thread(pub(crate) std::thread::Thread);

/// Starts a thread. See [`std::thread::spawn`].
///
/// # Panics
///
/// If the operating system cannot start it.
#[track_caller]
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    controlled! { return JoinHandle::under_control(None, f).expect("failed to spawn thread"); }
    let spawn = |child: &Child| std::thread::Builder::new().spawn(living(child.clone(), f));
    start(None, spawn, JoinHandle::new).expect("failed to spawn thread")
}

/// The current thread. See [`std::thread::current`].
#[must_use]
pub fn current() -> Thread {
    controlled! { return Thread(controlled::park::current()); }
    #[allow(unreachable_code, reason = "not under control")]
    Thread(std::thread::current())
}

/// How many threads may run at the same time. See [`std::thread::available_parallelism`].
///
/// # Errors
///
/// If that is not known.
pub fn available_parallelism() -> std::io::Result<NonZero<usize>> {
    if noise::has_one_core() {
        return Ok(NonZero::<usize>::MIN);
    }
    std::thread::available_parallelism()
}

/// How many threads are parked without timeout: nobody else needs to hear of an unpark.
static PARKED: AtomicU32 = AtomicU32::new(0);

/// Waits until unparked. See [`std::thread::park`].
///
/// # Panics
///
/// If the thread would wait for ever.
#[track_caller]
pub fn park() {
    let site = Location::caller();
    controlled! { return controlled::park::park(None, site); }
    noise::at(Act::Take, || Object::NONE);
    if noise::fails(Fault::WakeUp) {
        return;
    }
    // SeqCst, here and below: pairs with the load in `Thread::unpark`.
    PARKED.fetch_add(1, Ordering::SeqCst);
    let target = Target {
        id: waits::park_id(),
        kind: Kind::Thread,
        origin: Origin::Created(site),
    };
    let current = std::thread::current();
    let poke = Poke::Call(Box::new(move || current.unpark()));
    let mut waiting = waits::wait(target, Need::Anyone(Deed::Unpark), site, poke);
    std::thread::park();
    parks::unparked();
    PARKED.fetch_sub(1, Ordering::SeqCst);
    waiting.heed();
}

/// Waits until unparked, at most for `ms` milliseconds. See [`std::thread::park_timeout_ms`].
#[deprecated(
    since = "0.1.0",
    note = "replaced by `park_timeout`, as in the standard library"
)]
#[track_caller]
pub fn park_timeout_ms(ms: u32) {
    park_timeout(Duration::from_millis(u64::from(ms)));
}

/// Waits until unparked, at most for `dur`. See [`std::thread::park_timeout`].
#[track_caller]
pub fn park_timeout(dur: Duration) {
    controlled! { return controlled::park::park(Some(dur), Location::caller()); }
    let blocked = profile::blocked(Location::caller(), Why::Park, Kind::Thread);
    std::thread::park_timeout(noise::shortened(dur));
    drop(blocked);
    parks::unparked();
}

impl Thread {
    /// Wakes the thread, or lets its next park return at once. See [`std::thread::Thread::unpark`].
    #[inline]
    #[track_caller]
    pub fn unpark(&self) {
        controlled! {
            if controlled::park::unpark(self.0.id(), Location::caller()) {
                return;
            }
        }
        noise::at(Act::Give, || Object::NONE);
        parks::unparking(self.0.id());
        // SeqCst: see `park`.
        if PARKED.load(Ordering::SeqCst) > 0 {
            waits::unparked(self.0.id());
        }
        self.0.unpark();
    }

    /// The thread's number. See [`std::thread::Thread::id`].
    #[must_use]
    pub fn id(&self) -> ThreadId {
        controlled! {
            if let Some(key) = controlled::park::key_of(self.0.id()) {
                return ThreadId::controlled(key);
            }
        }
        #[allow(
            clippy::useless_conversion,
            reason = "its own where threads can be controlled"
        )]
        self.0.id().into()
    }

    /// The thread's name. See [`std::thread::Thread::name`].
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.name()
    }

    /// Views a thread of the standard library as a watched one.
    pub(crate) fn from_ref(thread: &std::thread::Thread) -> &Self {
        // SAFETY: `Thread` is `repr(transparent)` over it.
        unsafe { &*std::ptr::from_ref(thread).cast() }
    }
}

impl<T> JoinHandle<T> {
    pub(crate) fn new(inner: std::thread::JoinHandle<T>, child: Child) -> Self {
        Self(Way::Observed { inner, child })
    }

    #[cfg(feature = "explore")]
    #[track_caller]
    pub(crate) fn under_control<F>(name: Option<&str>, f: F) -> std::io::Result<Self>
    where
        F: FnOnce() -> T,
    {
        // SAFETY: either `f` and `T` borrow nothing, or the caller of `spawn_unchecked` keeps it alive.
        let handle = unsafe { controlled::thread::spawn(name, f)? };
        Ok(Self(Way::Controlled(handle)))
    }

    /// Waits for the thread to end. See [`std::thread::JoinHandle::join`].
    ///
    /// # Errors
    ///
    /// If the thread panicked; the error is what it panicked with.
    ///
    /// # Panics
    ///
    /// If the current thread would wait for ever.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        let site = Location::caller();
        match self.0 {
            Way::Observed { inner, child } => wait_for_end(
                inner,
                &child,
                site,
                std::thread::JoinHandle::is_finished,
                std::thread::JoinHandle::join,
            ),
            #[cfg(feature = "explore")]
            Way::Controlled(handle) => handle.join(site),
        }
    }

    /// The thread. See [`std::thread::JoinHandle::thread`].
    #[must_use]
    pub fn thread(&self) -> &Thread {
        match &self.0 {
            Way::Observed { inner, .. } => Thread::from_ref(inner.thread()),
            #[cfg(feature = "explore")]
            Way::Controlled(handle) => handle.thread(),
        }
    }

    /// Whether the thread's code has ended. See [`std::thread::JoinHandle::is_finished`].
    #[must_use]
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        match &self.0 {
            Way::Observed { inner, .. } => inner.is_finished(),
            #[cfg(feature = "explore")]
            Way::Controlled(handle) => handle.is_finished(Location::caller()),
        }
    }

    /// The standard library's handle.
    #[cfg(any(unix, windows))]
    fn of_the_system(&self) -> &std::thread::JoinHandle<T> {
        match &self.0 {
            Way::Observed { inner, .. } => inner,
            #[cfg(feature = "explore")]
            Way::Controlled(_) => no_thread_of_the_system(),
        }
    }

    /// The standard library's handle.
    #[cfg(any(unix, windows))]
    fn into_that_of_the_system(self) -> std::thread::JoinHandle<T> {
        match self.0 {
            Way::Observed { inner, .. } => inner,
            #[cfg(feature = "explore")]
            Way::Controlled(_) => no_thread_of_the_system(),
        }
    }
}

/// Joins a thread, and announces the wait unless it has ended.
#[track_caller]
pub(crate) fn wait_for_end<H, R>(
    handle: H,
    child: &Child,
    site: Caller,
    is_finished: impl Fn(&H) -> bool,
    join: impl Fn(H) -> R,
) -> R {
    noise::at(Act::Take, || Object::NONE);
    let result = match child.id() {
        Some(id) if !is_finished(&handle) => {
            let target = Target {
                id: LockId::NONE,
                kind: Kind::Thread,
                origin: Origin::Created(site),
            };
            let handle = Cell::new(Some(handle));
            let take = || handle.take().expect("a thread is joined once");
            let attempt = || {
                let inner = take();
                let is_finished = is_finished(&inner);
                handle.set(Some(inner));
                is_finished.then(|| join(take()))
            };
            waits::block(target, Need::End(id), site, attempt, || join(take()))
        }
        _ => join(handle),
    };
    child.joined();
    result
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::thread::{JoinHandleExt, RawPthread};

    impl<T> JoinHandleExt for super::JoinHandle<T> {
        fn as_pthread_t(&self) -> RawPthread {
            self.of_the_system().as_pthread_t()
        }

        fn into_pthread_t(self) -> RawPthread {
            self.into_that_of_the_system().into_pthread_t()
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::os::windows::io::{
        AsHandle, AsRawHandle, BorrowedHandle, IntoRawHandle, OwnedHandle, RawHandle,
    };

    impl<T> AsRawHandle for super::JoinHandle<T> {
        fn as_raw_handle(&self) -> RawHandle {
            self.of_the_system().as_raw_handle()
        }
    }

    impl<T> AsHandle for super::JoinHandle<T> {
        fn as_handle(&self) -> BorrowedHandle<'_> {
            self.of_the_system().as_handle()
        }
    }

    impl<T> IntoRawHandle for super::JoinHandle<T> {
        fn into_raw_handle(self) -> RawHandle {
            self.into_that_of_the_system().into_raw_handle()
        }
    }

    impl<T> From<super::JoinHandle<T>> for OwnedHandle {
        fn from(handle: super::JoinHandle<T>) -> Self {
            handle.into_that_of_the_system().into()
        }
    }
}

#[cfg(all(feature = "explore", any(unix, windows)))]
fn no_thread_of_the_system() -> ! {
    let why =
        "a thread of an explored run is none of the operating system, and it is asked for as one";
    controlled! { controlled::operation::give_up(why); }
    panic!("unsnarl: {why}")
}
