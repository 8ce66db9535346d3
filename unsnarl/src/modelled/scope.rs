//! Threads of a model that borrow.

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Result;

use super::panics;
use super::park::Thread;
use super::thread::{Builder, End, JoinHandle};

/// [`std::thread::Scope`] of a model.
pub struct Scope<'scope, 'env: 'scope> {
    ends: Mutex<Vec<Arc<End>>>,
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

/// [`std::thread::ScopedJoinHandle`] of a model's thread.
pub struct ScopedJoinHandle<'scope, T> {
    handle: JoinHandle<T>,
    scope: PhantomData<&'scope ()>,
}

/// [`std::thread::scope`] in a model.
///
/// # Panics
///
/// If a thread of the scope panicked and was not joined.
#[track_caller]
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let scope = Scope {
        ends: Mutex::default(),
        scope: PhantomData,
        env: PhantomData,
    };
    let leaving = Leaving(&scope);
    let result = f(&scope);
    std::mem::forget(leaving);
    let has_panicked = scope.leave();
    assert!(!has_panicked, "a scoped thread panicked");
    result
}

impl Scope<'_, '_> {
    /// Waits for all threads that are left. Returns whether one of them panicked.
    #[track_caller]
    fn leave(&self) -> bool {
        let mut has_panicked = false;
        // Threads start others.
        while let Some(end) = self.ends().pop() {
            has_panicked |= end.wait();
        }
        has_panicked
    }

    fn ends(&self) -> std::sync::MutexGuard<'_, Vec<Arc<End>>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The code of a scope panics.
struct Leaving<'a, 'scope, 'env>(&'a Scope<'scope, 'env>);

impl Drop for Leaving<'_, '_, '_> {
    fn drop(&mut self) {
        if !panics::is_given_up() {
            self.0.leave();
        } else if self.0.ends().iter().any(|end| !end.has_come()) {
            // Loom runs them on where a destructor of this thread uses what is loom's, and what they borrow is gone then.
            panics::tell_before_end();
            std::process::exit(TEST_FAILS);
        }
    }
}

/// What the test harness exits with when a test fails.
const TEST_FAILS: i32 = 101;

impl<'scope> Scope<'scope, '_> {
    /// Starts a thread.
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        self.start(Builder::new(), f)
    }

    #[track_caller]
    fn start<F, T>(&'scope self, builder: Builder, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + 'scope,
        T: 'scope,
    {
        // SAFETY: the scope is left only when its threads have ended, or the process does.
        let handle = unsafe { builder.start(f) };
        self.ends().push(Arc::clone(handle.end()));
        ScopedJoinHandle {
            handle,
            scope: PhantomData,
        }
    }
}

impl Builder {
    /// Starts it in a scope.
    ///
    /// # Errors
    ///
    /// None, in a model.
    #[track_caller]
    pub fn spawn_scoped<'scope, F, T>(
        self,
        scope: &'scope Scope<'scope, '_>,
        f: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        Ok(scope.start(self, f))
    }
}

impl<T> ScopedJoinHandle<'_, T> {
    /// Waits for the thread to end, and returns what it came to.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        self.handle.join()
    }

    /// The thread.
    pub fn thread(&self) -> &Thread {
        self.handle.thread()
    }

    /// Whether it has come to its end.
    pub fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedJoinHandle").finish_non_exhaustive()
    }
}
