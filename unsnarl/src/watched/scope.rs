//! `std::thread::scope`, watched.

use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::thread::Result;

use lockgraph::wait::need::{Need, Target};
use model::id::LockId;
use model::kind::Kind;
use model::site::{Caller, Origin};

use super::life::{living, started};
use super::thread::{Thread, wait_for_end};
use crate::recorder::scopes;
use crate::recorder::seats::Poke;
use crate::recorder::threads::{Child, fork};
use crate::recorder::waits::{self, Waiting};

/// The watched form of [`std::thread::Scope`].
#[repr(transparent)]
pub struct Scope<'scope, 'env>(std::thread::Scope<'scope, 'env>);

/// The watched form of [`std::thread::ScopedJoinHandle`].
pub struct ScopedJoinHandle<'scope, T> {
    inner: std::thread::ScopedJoinHandle<'scope, T>,
    child: Child,
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
    let waiting = Cell::new(None);
    let mut children = Vec::new();
    let result = std::thread::scope(|inner| {
        let scope = Scope::from_ref(inner);
        let mut leaving = Leaving {
            scope,
            site,
            waiting: &waiting,
            children: &mut children,
            is_over: false,
        };
        let result = f(scope);
        leaving.leave();
        result
    });
    drop(waiting);
    children.iter().for_each(Child::joined);
    result
}

/// Announces the wait at the end of a scope, also when its code panics.
struct Leaving<'a, 'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    site: Caller,
    waiting: &'a Cell<Option<Waiting>>,
    children: &'a mut Vec<Child>,
    is_over: bool,
}

impl Leaving<'_, '_, '_> {
    #[track_caller]
    fn leave(&mut self) {
        self.is_over = true;
        *self.children = scopes::leave_scope(self.scope.address());
        let needs: Vec<_> = self.children.iter().filter_map(Child::id).collect();
        if !needs.is_empty() {
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
        }
    }
}

impl Drop for Leaving<'_, '_, '_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.leave();
        }
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
        let child = fork(None);
        let handle = std::thread::Builder::new().spawn_scoped(&self.0, living(child.clone(), f));
        self.add(&child);
        started(handle, child, ScopedJoinHandle::new).expect("failed to spawn thread")
    }

    pub(crate) fn inner(&'scope self) -> &'scope std::thread::Scope<'scope, 'env> {
        &self.0
    }

    /// Notes a thread that was started in the scope.
    pub(crate) fn add(&self, child: &Child) {
        scopes::join_scope(self.address(), child);
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
        Self { inner, child }
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
        let (inner, child) = (self.inner, self.child);
        wait_for_end(
            inner,
            &child,
            site,
            std::thread::ScopedJoinHandle::is_finished,
            std::thread::ScopedJoinHandle::join,
        )
    }

    /// The thread. See [`std::thread::ScopedJoinHandle::thread`].
    #[must_use]
    pub fn thread(&self) -> &Thread {
        Thread::from_ref(self.inner.thread())
    }

    /// Whether the thread's code has ended. See [`std::thread::ScopedJoinHandle::is_finished`].
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.inner.is_finished()
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
