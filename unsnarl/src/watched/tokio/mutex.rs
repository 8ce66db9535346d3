//! `tokio::sync::Mutex`, watched.

use std::cell::UnsafeCell;
use std::fmt;
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::Arc;

use ::tokio::sync::TryLockError;
use model::event::Mode;
use model::kind::Kind;
use model::site::Caller;

use super::claim::{Claim, Latched};
use super::guard::{guard, mappable, writable};
use super::latch::Latch;

/// The watched form of [`tokio::sync::Mutex`](::tokio::sync::Mutex).
pub struct Mutex<T: ?Sized> {
    latch: Latch,
    value: UnsafeCell<T>,
}

// SAFETY: the value goes from one task to another with the lock.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}
// SAFETY: as above; only one has it at a time.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

guard! {
    /// The watched form of [`tokio::sync::MutexGuard`](::tokio::sync::MutexGuard).
    MutexGuard<['a, T: ?Sized], ['a, T: ?Sized], ['a, T]> -> T, &'a Mutex<T>,
    Send [T: Send], Sync [T: Send + Sync]
}
guard! {
    /// The watched form of [`tokio::sync::MappedMutexGuard`](::tokio::sync::MappedMutexGuard).
    MappedMutexGuard<['a, T: ?Sized], ['a, T: ?Sized], ['a, T]> -> T, &'a Latch,
    Send [T: Send], Sync [T: Sync]
}
guard! {
    /// The watched form of [`tokio::sync::OwnedMutexGuard`](::tokio::sync::OwnedMutexGuard).
    OwnedMutexGuard<[T: ?Sized], [T: ?Sized], [T]> -> T, Arc<Mutex<T>>,
    Send [T: Send], Sync [T: Send + Sync]
}
guard! {
    /// The watched form of [`tokio::sync::OwnedMappedMutexGuard`](::tokio::sync::OwnedMappedMutexGuard).
    OwnedMappedMutexGuard<[T: ?Sized, U: ?Sized = T], [T: ?Sized, U: ?Sized], [T, U]> -> U, Arc<Mutex<T>>,
    Send [T: Send, U: Send], Sync [T: Send, U: Send + Sync]
}
writable! {
    ['a, T: ?Sized] MutexGuard<'a, T>;
    ['a, T: ?Sized] MappedMutexGuard<'a, T>;
    [T: ?Sized] OwnedMutexGuard<T>;
    [T: ?Sized, U: ?Sized] OwnedMappedMutexGuard<T, U>;
}
mappable!(['a, T: ?Sized] MutexGuard<'a, T>, T, U => MappedMutexGuard<'a, U>, map, try_map, mut);
mappable!(['a, T: ?Sized] MappedMutexGuard<'a, T>, T, U => MappedMutexGuard<'a, U>, map, try_map, mut);
mappable!([T: ?Sized] OwnedMutexGuard<T>, T, U => OwnedMappedMutexGuard<T, U>, map, try_map, mut);
mappable!([T: ?Sized, U: ?Sized] OwnedMappedMutexGuard<T, U>, U, V => OwnedMappedMutexGuard<T, V>, map, try_map, mut);

impl<T: ?Sized> Latched for &Mutex<T> {
    fn latch(&self) -> &Latch {
        &self.latch
    }
}

impl<T: ?Sized> Latched for Arc<Mutex<T>> {
    fn latch(&self) -> &Latch {
        &self.latch
    }
}

impl<T> Mutex<T> {
    /// A new mutex, unlocked. See [`tokio::sync::Mutex::new`](::tokio::sync::Mutex::new).
    #[track_caller]
    pub fn new(t: T) -> Self {
        Self::const_new(t)
    }

    /// A new mutex, in a constant. See [`tokio::sync::Mutex::const_new`](::tokio::sync::Mutex::const_new).
    #[track_caller]
    pub const fn const_new(t: T) -> Self {
        Self {
            latch: Latch::new(Kind::AsyncMutex, Location::caller(), 1),
            value: UnsafeCell::new(t),
        }
    }

    /// The value, without the mutex. See [`tokio::sync::Mutex::into_inner`](::tokio::sync::Mutex::into_inner).
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits for the mutex and locks it. See [`tokio::sync::Mutex::lock`](::tokio::sync::Mutex::lock).
    #[track_caller]
    pub fn lock(&self) -> impl Future<Output = MutexGuard<'_, T>> {
        let site = Location::caller();
        async move {
            self.latch.acquire(Mode::Exclusive, site).await;
            self.locked(site)
        }
    }

    /// As [`lock`](Self::lock), with a guard that owns the mutex. See
    /// [`tokio::sync::Mutex::lock_owned`](::tokio::sync::Mutex::lock_owned).
    #[track_caller]
    pub fn lock_owned(self: Arc<Self>) -> impl Future<Output = OwnedMutexGuard<T>> {
        let site = Location::caller();
        async move {
            self.latch.acquire(Mode::Exclusive, site).await;
            self.locked_owned(site)
        }
    }

    /// Blocks the thread until the mutex is locked. See
    /// [`tokio::sync::Mutex::blocking_lock`](::tokio::sync::Mutex::blocking_lock).
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it.
    #[track_caller]
    pub fn blocking_lock(&self) -> MutexGuard<'_, T> {
        let site = Location::caller();
        self.latch.acquire_blocking(Mode::Exclusive, site);
        self.locked(site)
    }

    /// As [`blocking_lock`](Self::blocking_lock), with a guard that owns the mutex. See
    /// [`tokio::sync::Mutex::blocking_lock_owned`](::tokio::sync::Mutex::blocking_lock_owned).
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it.
    #[track_caller]
    pub fn blocking_lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        let site = Location::caller();
        self.latch.acquire_blocking(Mode::Exclusive, site);
        self.locked_owned(site)
    }

    /// Locks the mutex if nobody holds it. See [`tokio::sync::Mutex::try_lock`](::tokio::sync::Mutex::try_lock).
    ///
    /// # Errors
    ///
    /// If somebody holds it.
    #[track_caller]
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        self.latch.try_acquire(Mode::Exclusive)?;
        Ok(self.locked(Location::caller()))
    }

    /// As [`try_lock`](Self::try_lock), with a guard that owns the mutex. See
    /// [`tokio::sync::Mutex::try_lock_owned`](::tokio::sync::Mutex::try_lock_owned).
    ///
    /// # Errors
    ///
    /// If somebody holds it.
    #[track_caller]
    pub fn try_lock_owned(self: Arc<Self>) -> Result<OwnedMutexGuard<T>, TryLockError> {
        self.latch.try_acquire(Mode::Exclusive)?;
        Ok(self.locked_owned(Location::caller()))
    }

    /// The value, without locking. See [`tokio::sync::Mutex::get_mut`](::tokio::sync::Mutex::get_mut).
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    pub(super) fn latch_of(&self) -> &Latch {
        &self.latch
    }

    fn locked(&self, site: Caller) -> MutexGuard<'_, T> {
        MutexGuard::with(self.place(), Claim::borrowed(self, Mode::Exclusive, site))
    }

    fn locked_owned(self: Arc<Self>, site: Caller) -> OwnedMutexGuard<T> {
        let place = self.place();
        OwnedMutexGuard::with(place, Claim::owned(self, Mode::Exclusive, site))
    }

    fn place(&self) -> NonNull<T> {
        // SAFETY: a cell's value is somewhere.
        unsafe { NonNull::new_unchecked(self.value.get()) }
    }
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// The mutex. See [`tokio::sync::MutexGuard::mutex`](::tokio::sync::MutexGuard::mutex).
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.claim.lock()
    }
}

impl<T: ?Sized> OwnedMutexGuard<T> {
    /// The mutex. See [`tokio::sync::OwnedMutexGuard::mutex`](::tokio::sync::OwnedMutexGuard::mutex).
    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        this.claim.lock()
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
        let mut debug = f.debug_struct("Mutex");
        match self.try_lock() {
            Ok(guard) => debug.field("data", &&*guard),
            Err(_) => debug.field("data", &format_args!("<locked>")),
        };
        debug.finish()
    }
}
