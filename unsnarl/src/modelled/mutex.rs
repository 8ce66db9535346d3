//! Mutexes of a model: loom's, whose guards know their lock.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

/// [`std::sync::Mutex`] in a model. It is never poisoned: where a thread that panics holds one that is asked for again, the
/// model ends.
#[derive(Default)]
pub struct Mutex<T: ?Sized>(loom::sync::Mutex<T>);

/// [`std::sync::MutexGuard`] in a model.
#[must_use = "the lock is released when it is dropped"]
pub struct MutexGuard<'a, T: ?Sized> {
    guard: loom::sync::MutexGuard<'a, T>,
    lock: &'a Mutex<T>,
}

impl<T> Mutex<T> {
    /// A mutex with this value.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    /// The value, without the mutex.
    ///
    /// # Errors
    ///
    /// None, in a model.
    pub fn into_inner(self) -> LockResult<T> {
        self.0.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Locks it.
    ///
    /// # Errors
    ///
    /// None, in a model.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        Ok(self.guard(held(self.0.lock())))
    }

    /// Locks it, if nobody holds it.
    ///
    /// # Errors
    ///
    /// If somebody does.
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Ok(self.guard(guard)),
            Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
            Err(TryLockError::Poisoned(poisoned)) => Ok(self.guard(poisoned.into_inner())),
        }
    }

    /// Whether a thread has panicked with it.
    pub fn is_poisoned(&self) -> bool {
        false
    }

    /// Forgets that a thread has panicked with it.
    pub fn clear_poison(&self) {}

    /// The value, which nobody else can reach.
    ///
    /// # Errors
    ///
    /// None, in a model.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.0.get_mut()
    }

    fn guard<'a>(&'a self, guard: loom::sync::MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        MutexGuard { guard, lock: self }
    }
}

/// What a lock of a model gives: nobody poisons it.
pub(super) fn held<G>(result: LockResult<G>) -> G {
    result.unwrap_or_else(PoisonError::into_inner)
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// Loom's guard, and the lock.
    pub(super) fn split(self) -> (loom::sync::MutexGuard<'a, T>, &'a Mutex<T>) {
        (self.guard, self.lock)
    }

    /// Waits with the lock released.
    #[track_caller]
    pub(super) fn wait(self, condvar: &loom::sync::Condvar) -> Self
    where
        T: Sized,
    {
        let (guard, lock) = self.split();
        lock.guard(held(condvar.wait(guard)))
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

impl<T: ?Sized> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // To look at the value would be a step of the program.
        f.debug_struct("Mutex").finish_non_exhaustive()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
