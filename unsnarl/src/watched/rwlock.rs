//! `std::sync::RwLock`, watched.

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

/// The watched form of [`std::sync::RwLock`].
///
/// ```
/// use unsnarl::sync::RwLock;
///
/// static PATH: RwLock<String> = RwLock::new(String::new());
/// PATH.write().unwrap().push('/');
/// assert_eq!(*PATH.read().unwrap(), "/");
/// ```
pub struct RwLock<T: ?Sized> {
    tag: Tag,
    inner: std::sync::RwLock<T>,
}

/// The watched form of [`std::sync::RwLockReadGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'rwlock, T: ?Sized> {
    tag: &'rwlock Tag,
    inner: std::sync::RwLockReadGuard<'rwlock, T>,
}

/// The watched form of [`std::sync::RwLockWriteGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'rwlock, T: ?Sized> {
    lock: &'rwlock RwLock<T>,
    inner: ManuallyDrop<std::sync::RwLockWriteGuard<'rwlock, T>>,
}

impl<T> RwLock<T> {
    /// A new lock, unlocked. See [`std::sync::RwLock::new`].
    #[inline]
    #[track_caller]
    pub const fn new(value: T) -> Self {
        Self {
            tag: Tag::new(Kind::RwLock, Location::caller()),
            inner: std::sync::RwLock::new(value),
        }
    }

    /// A new lock of this name.
    pub(crate) const fn with_name(name: &'static str, value: T) -> Self {
        Self {
            tag: Tag::named(Kind::RwLock, name),
            inner: std::sync::RwLock::new(value),
        }
    }

    /// The value, without the lock. See [`std::sync::RwLock::into_inner`].
    ///
    /// # Errors
    ///
    /// If the lock is poisoned; the error has the value.
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Waits for the writers and locks for reading. See [`std::sync::RwLock::read`].
    ///
    /// # Errors
    ///
    /// If the lock is poisoned; the error has the guard.
    ///
    /// # Panics
    ///
    /// If the thread would wait for ever.
    #[inline]
    #[track_caller]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let site = Location::caller();
        self.tag.acquire(Mode::Shared, site);
        let inner = match self.inner.try_read() {
            Ok(inner) => inner,
            Err(error) => self.read_slowly(error, site),
        };
        self.read_guard(inner)
    }

    /// Locks for reading what somebody writes, or what was poisoned.
    // Returns std's guard alone, which fits into registers: the fast path then keeps its guard in them too.
    #[cold]
    #[track_caller]
    fn read_slowly<'a>(
        &'a self,
        error: TryLockError<std::sync::RwLockReadGuard<'a, T>>,
        site: Caller,
    ) -> std::sync::RwLockReadGuard<'a, T> {
        let locked = match error {
            TryLockError::Poisoned(poisoned) => Err(poisoned),
            TryLockError::WouldBlock => {
                let attempt = || settled(self.inner.try_read());
                let sleep = || self.inner.read();
                contended::wait(&self.tag, Mode::Shared, site, attempt, sleep)
            }
        };
        self.guard_of(locked)
    }

    /// Locks for reading if nobody writes. See [`std::sync::RwLock::try_read`].
    ///
    /// # Errors
    ///
    /// If it is held for writing, or poisoned; then the error has the guard.
    #[inline]
    #[track_caller]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        let site = Location::caller();
        self.tag.disturb(Deed::Take);
        self.tag.may_try(Mode::Shared, site)?;
        let inner = match self.inner.try_read() {
            Ok(inner) => inner,
            Err(TryLockError::Poisoned(poisoned)) => self.guard_of(Err(poisoned)),
            Err(TryLockError::WouldBlock) => return Err(self.tag.tried_in_vain()),
        };
        self.tag.acquired_by_try(Mode::Shared, site);
        Ok(self.read_guard(inner)?)
    }

    /// Waits for all others and locks for writing. See [`std::sync::RwLock::write`].
    ///
    /// # Errors
    ///
    /// If the lock is poisoned; the error has the guard.
    ///
    /// # Panics
    ///
    /// If the thread would wait for ever.
    #[inline]
    #[track_caller]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let site = Location::caller();
        self.tag.acquire_write(site);
        let inner = match self.inner.try_write() {
            Ok(inner) => inner,
            Err(error) => self.write_slowly(error, site),
        };
        self.write_guard(inner)
    }

    /// Locks for writing what somebody holds, or what was poisoned.
    // Returns std's guard alone, as for a mutex.
    #[cold]
    #[track_caller]
    fn write_slowly<'a>(
        &'a self,
        error: TryLockError<std::sync::RwLockWriteGuard<'a, T>>,
        site: Caller,
    ) -> std::sync::RwLockWriteGuard<'a, T> {
        let locked = match error {
            TryLockError::Poisoned(poisoned) => Err(poisoned),
            TryLockError::WouldBlock => {
                let attempt = || settled(self.inner.try_write());
                let sleep = || self.inner.write();
                contended::wait(&self.tag, Mode::Exclusive, site, attempt, sleep)
            }
        };
        self.guard_of(locked)
    }

    /// Locks for writing if nobody holds it. See [`std::sync::RwLock::try_write`].
    ///
    /// # Errors
    ///
    /// If it is held, or poisoned; then the error has the guard.
    #[inline]
    #[track_caller]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        let site = Location::caller();
        self.tag.disturb(Deed::Take);
        self.tag.may_try(Mode::Exclusive, site)?;
        let inner = match self.inner.try_write() {
            Ok(inner) => inner,
            Err(TryLockError::Poisoned(poisoned)) => self.guard_of(Err(poisoned)),
            Err(TryLockError::WouldBlock) => return Err(self.tag.tried_in_vain()),
        };
        self.tag.acquired_by_try(Mode::Exclusive, site);
        Ok(self.write_guard(inner)?)
    }

    /// Whether a thread panicked while it wrote. See [`std::sync::RwLock::is_poisoned`].
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        self.inner.is_poisoned()
    }

    /// Forgets that a thread panicked while it wrote. See [`std::sync::RwLock::clear_poison`].
    #[inline]
    pub fn clear_poison(&self) {
        self.inner.clear_poison();
    }

    /// The value, without locking. See [`std::sync::RwLock::get_mut`].
    ///
    /// # Errors
    ///
    /// If the lock is poisoned; the error has the value.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
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

    /// The standard library's guard, whether the lock is poisoned or not. Each explored run begins with locks that are not poisoned by the one
    /// before.
    fn guard_of<G>(&self, locked: LockResult<G>) -> G {
        locked.unwrap_or_else(|poisoned| {
            controlled! {
                if crate::controlled::poison::is_stale(self.tag.id()) {
                    self.inner.clear_poison();
                }
            }
            poisoned.into_inner()
        })
    }

    #[inline]
    fn read_guard<'a>(
        &'a self,
        inner: std::sync::RwLockReadGuard<'a, T>,
    ) -> LockResult<RwLockReadGuard<'a, T>> {
        self.tag.entered(Mode::Shared);
        let guard = RwLockReadGuard {
            tag: &self.tag,
            inner,
        };
        if self.inner.is_poisoned() {
            Err(PoisonError::new(guard))
        } else {
            Ok(guard)
        }
    }

    #[inline]
    fn write_guard<'a>(
        &'a self,
        inner: std::sync::RwLockWriteGuard<'a, T>,
    ) -> LockResult<RwLockWriteGuard<'a, T>> {
        self.tag.entered(Mode::Exclusive);
        let guard = RwLockWriteGuard {
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

/// What an attempt to lock came to; `None` if somebody is in the way.
#[inline]
fn settled<G>(attempt: TryLockResult<G>) -> Option<LockResult<G>> {
    match attempt {
        Ok(guard) => Some(Ok(guard)),
        Err(TryLockError::Poisoned(poisoned)) => Some(Err(poisoned)),
        Err(TryLockError::WouldBlock) => None,
    }
}

impl<'rwlock, T: ?Sized> RwLockWriteGuard<'rwlock, T> {
    /// Goes on as a reader, with no writer in between. See [`std::sync::RwLockWriteGuard::downgrade`].
    #[track_caller]
    pub fn downgrade(s: Self) -> RwLockReadGuard<'rwlock, T> {
        let mut guard = ManuallyDrop::new(s);
        // SAFETY: `guard` is never dropped or used again, so the inner guard is moved out once.
        let inner = unsafe { ManuallyDrop::take(&mut guard.inner) };
        let tag = &guard.lock.tag;
        tag.leaving(Mode::Exclusive);
        tag.downgrade();
        let inner = std::sync::RwLockWriteGuard::downgrade(inner);
        // Nobody was in the way, so it is like a try that succeeded.
        tag.acquired_by_try(Mode::Shared, Location::caller());
        tag.entered(Mode::Shared);
        RwLockReadGuard { tag, inner }
    }
}

impl<T: ?Sized> Drop for RwLockReadGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.tag.give_back(Mode::Shared);
    }
}

impl<T: ?Sized> Drop for RwLockWriteGuard<'_, T> {
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
unsafe impl<T: ?Sized + Sync> Sync for RwLockWriteGuard<'_, T> {}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.tag.touched(Effect::Reads);
        &self.inner
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.lock.tag.touched(Effect::Reads);
        &self.inner
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.lock.tag.touched(Effect::Writes);
        &mut self.inner
    }
}

impl<T> From<T> for RwLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Default> Default for RwLock<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
