//! `std::sync::Mutex`, watched.

use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

use model::event::Mode;
use model::kind::Kind;
use model::site::Caller;
use race::serial::Effect;
use stress::point::Deed;

use super::contended;
use super::tag::Tag;

/// The watched form of [`std::sync::Mutex`].
///
/// ```
/// use unsnarl::sync::Mutex;
///
/// static TOTAL: Mutex<u64> = Mutex::new(0);
/// *TOTAL.lock().unwrap() += 1;
/// assert_eq!(*TOTAL.lock().unwrap(), 1);
/// ```
pub struct Mutex<T: ?Sized> {
    tag: Tag,
    inner: std::sync::Mutex<T>,
}

/// The watched form of [`std::sync::MutexGuard`].
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized> {
    lock: &'a Mutex<T>,
    inner: ManuallyDrop<std::sync::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    /// A new mutex, unlocked. See [`std::sync::Mutex::new`].
    #[inline]
    #[track_caller]
    pub const fn new(value: T) -> Self {
        Self {
            tag: Tag::new(Kind::Mutex, Location::caller()),
            inner: std::sync::Mutex::new(value),
        }
    }

    /// A new mutex of this name.
    pub(crate) const fn with_name(name: &'static str, value: T) -> Self {
        Self {
            tag: Tag::named(Kind::Mutex, name),
            inner: std::sync::Mutex::new(value),
        }
    }

    /// The value, without the mutex. See [`std::sync::Mutex::into_inner`].
    ///
    /// # Errors
    ///
    /// If the mutex is poisoned; the error has the value.
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits for the mutex and locks it. See [`std::sync::Mutex::lock`].
    ///
    /// # Errors
    ///
    /// If the mutex is poisoned; the error has the guard.
    ///
    /// # Panics
    ///
    /// If the thread would wait for ever.
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let site = Location::caller();
        self.tag.acquire(Mode::Exclusive, site);
        let inner = match self.inner.try_lock() {
            Ok(inner) => inner,
            Err(error) => self.lock_slowly(error, site),
        };
        self.guard(inner)
    }

    /// Locks a mutex that is held by someone, or was poisoned.
    // Returns std's guard alone, which fits into registers: the fast path then keeps its guard in them too.
    #[cold]
    #[track_caller]
    fn lock_slowly<'a>(
        &'a self,
        error: TryLockError<std::sync::MutexGuard<'a, T>>,
        site: Caller,
    ) -> std::sync::MutexGuard<'a, T> {
        if let TryLockError::Poisoned(poisoned) = error {
            self.forget_stale_poison();
            return poisoned.into_inner();
        }
        let attempt = || match self.inner.try_lock() {
            Ok(inner) => Some(inner),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        };
        let sleep = || self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        contended::wait(&self.tag, Mode::Exclusive, site, attempt, sleep)
    }

    /// Locks the mutex if nobody holds it. See [`std::sync::Mutex::try_lock`].
    ///
    /// # Errors
    ///
    /// If it is held, or poisoned; then the error has the guard.
    #[inline]
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let site = Location::caller();
        self.tag.disturb(Deed::Take);
        self.tag.may_try(Mode::Exclusive, site)?;
        let inner = match self.inner.try_lock() {
            Ok(inner) => inner,
            Err(TryLockError::Poisoned(poisoned)) => {
                self.forget_stale_poison();
                poisoned.into_inner()
            }
            Err(TryLockError::WouldBlock) => return Err(self.tag.tried_in_vain()),
        };
        self.tag.acquired_by_try(Mode::Exclusive, site);
        Ok(self.guard(inner)?)
    }

    /// What identifies it.
    pub(crate) fn tag(&self) -> &Tag {
        &self.tag
    }

    /// Unlocks without a word, for a condition variable under control.
    #[cfg(feature = "explore")]
    pub(crate) fn let_go(&self, inner: std::sync::MutexGuard<'_, T>) {
        drop(inner);
        if std::thread::panicking() {
            self.forget_undue_poison();
        }
    }

    /// The thread has unlocked while something unwound.
    #[cfg(feature = "explore")]
    #[cold]
    fn forget_undue_poison(&self) {
        controlled! {
            if self.inner.is_poisoned() && crate::controlled::poison::is_undue(self.tag.id()) {
                self.inner.clear_poison();
            }
        }
    }

    /// Each explored run begins with locks that are not poisoned by the one before.
    fn forget_stale_poison(&self) {
        controlled! {
            if crate::controlled::poison::is_stale(self.tag.id()) {
                self.inner.clear_poison();
            }
        }
    }

    /// Locks a mutex that was granted under control.
    #[cfg(feature = "explore")]
    #[track_caller]
    pub(crate) fn lock_granted(&self) -> LockResult<MutexGuard<'_, T>> {
        let inner = match self.inner.try_lock() {
            Ok(inner) => inner,
            Err(error) => self.lock_slowly(error, Location::caller()),
        };
        self.guard(inner)
    }

    /// Whether a thread panicked while it held the mutex. See [`std::sync::Mutex::is_poisoned`].
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        self.inner.is_poisoned()
    }

    /// Forgets that a thread panicked while it held the mutex. See [`std::sync::Mutex::clear_poison`].
    #[inline]
    pub fn clear_poison(&self) {
        self.inner.clear_poison();
    }

    /// The value, without locking. See [`std::sync::Mutex::get_mut`].
    ///
    /// # Errors
    ///
    /// If the mutex is poisoned; the error has the value.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }

    /// The guard of a mutex that was locked, whose acquisition was announced.
    #[inline]
    fn guard<'a>(&'a self, inner: std::sync::MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        self.tag.entered(Mode::Exclusive);
        let guard = MutexGuard {
            lock: self,
            inner: ManuallyDrop::new(inner),
        };
        if self.inner.is_poisoned() {
            Err(PoisonError::new(guard))
        } else {
            Ok(guard)
        }
    }
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// Hands the lock to a condition variable, which takes it back later.
    pub(crate) fn into_wait(self) -> (&'a Mutex<T>, std::sync::MutexGuard<'a, T>) {
        self.lock.tag.give_back(Mode::Exclusive);
        self.into_parts()
    }

    /// The lock and the guard of the standard library, with nothing reported.
    pub(crate) fn into_parts(self) -> (&'a Mutex<T>, std::sync::MutexGuard<'a, T>) {
        let mut guard = ManuallyDrop::new(self);
        // SAFETY: `guard` is never dropped or used again, so the inner guard is moved out once.
        let inner = unsafe { ManuallyDrop::take(&mut guard.inner) };
        (guard.lock, inner)
    }

    /// The guard of a mutex that was locked, whose acquisition was announced.
    pub(crate) fn of(
        lock: &'a Mutex<T>,
        locked: LockResult<std::sync::MutexGuard<'a, T>>,
    ) -> LockResult<MutexGuard<'a, T>> {
        lock.tag.entered(Mode::Exclusive);
        match locked {
            Ok(inner) => Ok(Self {
                lock,
                inner: ManuallyDrop::new(inner),
            }),
            Err(poisoned) => Err(PoisonError::new(Self {
                lock,
                inner: ManuallyDrop::new(poisoned.into_inner()),
            })),
        }
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.tag.give_back(Mode::Exclusive);
        // SAFETY: the guard is not used again.
        unsafe { ManuallyDrop::drop(&mut self.inner) };
        #[cfg(feature = "explore")]
        if std::thread::panicking() {
            self.lock.forget_undue_poison();
        }
    }
}

// SAFETY: sharing a guard gives access to the value and nothing else, as in the standard library.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.lock.tag.touched(Effect::Reads);
        &self.inner
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.lock.tag.touched(Effect::Writes);
        &mut self.inner
    }
}

impl<T> From<T> for Mutex<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
