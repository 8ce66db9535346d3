//! `std::thread::scope`, watched.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::panic::Location;
use std::thread::Result;

use lockgraph::wait::need::{Need, Target};
use model::id::LockId;
use model::kind::Kind;
use model::site::{Caller, Origin};

use super::life::{living, start};
use super::thread::{Thread, wait_for_end};
#[cfg(feature = "explore")]
use crate::controlled;
use crate::recorder::scopes;
use crate::recorder::seats::Poke;
use crate::recorder::threads::Child;
use crate::recorder::waits::{self, Waiting};

/// The watched form of [`std::thread::Scope`].
#[repr(transparent)]
pub struct Scope<'scope, 'env>(std::thread::Scope<'scope, 'env>);

/// The watched form of [`std::thread::ScopedJoinHandle`].
pub struct ScopedJoinHandle<'scope, T>(Way<'scope, T>);

/// How a thread of a scope runs.
enum Way<'scope, T> {
    /// As one of the operating system.
    Observed {
        inner: std::thread::ScopedJoinHandle<'scope, T>,
        child: Child,
    },
    /// In its turn.
    #[cfg(feature = "explore")]
    Controlled(controlled::thread::Handle<T>),
}

/// A scope for threads that borrow. See [`std::thread::scope`].
///
/// # Panics
///
/// If a thread of the scope panicked and was not joined, or the current thread would wait for ever.
#[track_caller]
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let site = Location::caller();
    let scoped = Scoped {
        address: Cell::new(0),
        site,
        waiting: Cell::new(None),
    };
    std::thread::scope(|inner| {
        let scope = Scope::from_ref(inner);
        scoped.address.set(scope.address());
        let leaving = Leaving(&scoped);
        let result = f(scope);
        std::mem::forget(leaving);
        let has_panicked = scoped.leave();
        assert!(!has_panicked, "a scoped thread panicked");
        result
    })
}

/// A call of [`scope`]. Dropped when all its threads have ended, also when it panics.
struct Scoped {
    address: Cell<usize>,
    site: Caller,
    waiting: Cell<Option<Waiting>>,
}

impl Scoped {
    /// Announces the wait at the end of the scope.
    #[track_caller]
    fn leave(&self) -> bool {
        controlled! { return controlled::scope::leave(self.address.get(), self.site); }
        let needs = scopes::leave_scope(self.address.get());
        let told = needs.len();
        if told > 0 {
            let target = Target {
                id: LockId::NONE,
                kind: Kind::Scope,
                origin: Origin::Created(self.site),
            };
            self.waiting.set(Some(waits::wait(
                target,
                Need::Ends(needs),
                self.site,
                Poke::Never,
            )));
            scopes::waits_for_scope(self.address.get(), told);
        }
        false
    }
}

impl Drop for Scoped {
    fn drop(&mut self) {
        self.waiting.set(None);
        scopes::close_scope(self.address.get())
            .iter()
            .for_each(Child::joined);
    }
}

/// Announces the wait also when the code of the scope panics.
struct Leaving<'a>(&'a Scoped);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        // The thread panics already.
        let _ = self.0.leave();
    }
}

impl<'scope, 'env> Scope<'scope, 'env> {
    /// Starts a thread in the scope. See [`std::thread::Scope::spawn`].
    ///
    /// # Panics
    ///
    /// If the operating system cannot start it.
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        self.start(std::thread::Builder::new(), None, f)
            .expect("failed to spawn thread")
    }

    /// Starts a thread in the scope, as `builder` says.
    #[track_caller]
    pub(crate) fn start<F, T>(
        &'scope self,
        builder: std::thread::Builder,
        name: Option<&str>,
        f: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        controlled! {
            // SAFETY: the scope is not left before the thread has ended, and what `f` borrows outlives the scope.
            let handle = unsafe { controlled::thread::spawn(name, f)? };
            controlled::scope::join(self.address(), handle.tid(), Location::caller());
            return Ok(ScopedJoinHandle(Way::Controlled(handle)));
        }
        let spawn = |child: &Child| {
            let handle = builder.spawn_scoped(&self.0, living(child.clone(), f))?;
            scopes::join_scope(self.address(), child);
            Ok(handle)
        };
        start(name, spawn, ScopedJoinHandle::new)
    }

    fn from_ref(scope: &'scope std::thread::Scope<'scope, 'env>) -> &'scope Self {
        // SAFETY: `Scope` is `repr(transparent)` over it.
        unsafe { &*std::ptr::from_ref(scope).cast() }
    }

    /// What tells scopes apart while they live.
    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

impl<'scope, T> ScopedJoinHandle<'scope, T> {
    pub(crate) fn new(inner: std::thread::ScopedJoinHandle<'scope, T>, child: Child) -> Self {
        Self(Way::Observed { inner, child })
    }

    /// Waits for the thread to end. See [`std::thread::ScopedJoinHandle::join`].
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
                std::thread::ScopedJoinHandle::is_finished,
                std::thread::ScopedJoinHandle::join,
            ),
            #[cfg(feature = "explore")]
            Way::Controlled(handle) => handle.join(site),
        }
    }

    /// The thread. See [`std::thread::ScopedJoinHandle::thread`].
    #[must_use]
    pub fn thread(&self) -> &Thread {
        match &self.0 {
            Way::Observed { inner, .. } => Thread::from_ref(inner.thread()),
            #[cfg(feature = "explore")]
            Way::Controlled(handle) => handle.thread(),
        }
    }

    /// Whether the thread's code has ended. See [`std::thread::ScopedJoinHandle::is_finished`].
    #[must_use]
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        match &self.0 {
            Way::Observed { inner, .. } => inner.is_finished(),
            #[cfg(feature = "explore")]
            Way::Controlled(handle) => handle.is_finished(Location::caller()),
        }
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedJoinHandle").finish_non_exhaustive()
    }
}
