//! `tokio::sync::RwLock`, watched.

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

/// How many can read at once, as in tokio.
const MOST_READERS: u32 = u32::MAX >> 3;

/// The watched form of [`tokio::sync::RwLock`](::tokio::sync::RwLock).
pub struct RwLock<T: ?Sized> {
    latch: Latch,
    value: UnsafeCell<T>,
}

// SAFETY: the value goes from one task to another with the lock.
unsafe impl<T: ?Sized + Send> Send for RwLock<T> {}
// SAFETY: readers share the value, a writer has it alone.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}

guard! {
    /// The watched form of [`tokio::sync::RwLockReadGuard`](::tokio::sync::RwLockReadGuard).
    RwLockReadGuard<['a, T: ?Sized], ['a, T: ?Sized], ['a, T]> -> T, &'a Latch,
    Send [T: Sync], Sync [T: Send + Sync]
}
guard! {
    /// The watched form of [`tokio::sync::RwLockWriteGuard`](::tokio::sync::RwLockWriteGuard).
    RwLockWriteGuard<['a, T: ?Sized], ['a, T: ?Sized], ['a, T]> -> T, &'a Latch,
    Send [T: Send + Sync], Sync [T: Send + Sync]
}
guard! {
    /// The watched form of [`tokio::sync::RwLockMappedWriteGuard`](::tokio::sync::RwLockMappedWriteGuard).
    RwLockMappedWriteGuard<['a, T: ?Sized], ['a, T: ?Sized], ['a, T]> -> T, &'a Latch,
    Send [T: Send + Sync], Sync [T: Send + Sync]
}
guard! {
    /// The watched form of [`tokio::sync::OwnedRwLockReadGuard`](::tokio::sync::OwnedRwLockReadGuard).
    OwnedRwLockReadGuard<[T: ?Sized, U: ?Sized = T], [T: ?Sized, U: ?Sized], [T, U]> -> U, Arc<RwLock<T>>,
    Send [T: Send + Sync, U: Sync], Sync [T: Send + Sync, U: Send + Sync]
}
guard! {
    /// The watched form of [`tokio::sync::OwnedRwLockWriteGuard`](::tokio::sync::OwnedRwLockWriteGuard).
    OwnedRwLockWriteGuard<[T: ?Sized], [T: ?Sized], [T]> -> T, Arc<RwLock<T>>,
    Send [T: Send + Sync], Sync [T: Send + Sync]
}
guard! {
    /// The watched form of [`tokio::sync::OwnedRwLockMappedWriteGuard`](::tokio::sync::OwnedRwLockMappedWriteGuard).
    OwnedRwLockMappedWriteGuard<[T: ?Sized, U: ?Sized = T], [T: ?Sized, U: ?Sized], [T, U]> -> U, Arc<RwLock<T>>,
    Send [T: Send + Sync, U: Send + Sync], Sync [T: Send + Sync, U: Send + Sync]
}
writable! {
    ['a, T: ?Sized] RwLockWriteGuard<'a, T>;
    ['a, T: ?Sized] RwLockMappedWriteGuard<'a, T>;
    [T: ?Sized] OwnedRwLockWriteGuard<T>;
    [T: ?Sized, U: ?Sized] OwnedRwLockMappedWriteGuard<T, U>;
}
mappable!(['a, T: ?Sized] RwLockReadGuard<'a, T>, T, U => RwLockReadGuard<'a, U>, map, try_map);
mappable!(['a, T: ?Sized] RwLockWriteGuard<'a, T>, T, U => RwLockMappedWriteGuard<'a, U>, map, try_map, mut);
mappable!(['a, T: ?Sized] RwLockMappedWriteGuard<'a, T>, T, U => RwLockMappedWriteGuard<'a, U>, map, try_map, mut);
mappable!([T: ?Sized, U: ?Sized] OwnedRwLockReadGuard<T, U>, U, V => OwnedRwLockReadGuard<T, V>, map, try_map);
mappable!([T: ?Sized] OwnedRwLockWriteGuard<T>, T, U => OwnedRwLockMappedWriteGuard<T, U>, map, try_map, mut);
mappable!([T: ?Sized, U: ?Sized] OwnedRwLockMappedWriteGuard<T, U>, U, V => OwnedRwLockMappedWriteGuard<T, V>, map, try_map, mut);

impl<T: ?Sized> Latched for Arc<RwLock<T>> {
    fn latch(&self) -> &Latch {
        &self.latch
    }
}

impl<T> RwLock<T> {
    /// A new lock, unlocked. See [`tokio::sync::RwLock::new`](::tokio::sync::RwLock::new).
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self::const_new(value)
    }

    /// A new lock that at most so many read at once. See
    /// [`tokio::sync::RwLock::with_max_readers`](::tokio::sync::RwLock::with_max_readers).
    ///
    /// # Panics
    ///
    /// If there are more than `u32::MAX >> 3`.
    #[track_caller]
    pub fn with_max_readers(value: T, max_reads: u32) -> Self {
        Self::const_with_max_readers(value, max_reads)
    }

    /// A new lock, in a constant. See [`tokio::sync::RwLock::const_new`](::tokio::sync::RwLock::const_new).
    #[track_caller]
    pub const fn const_new(value: T) -> Self {
        Self::const_with_max_readers(value, MOST_READERS)
    }

    /// As [`with_max_readers`](Self::with_max_readers), in a constant. See
    /// [`tokio::sync::RwLock::const_with_max_readers`](::tokio::sync::RwLock::const_with_max_readers).
    ///
    /// # Panics
    ///
    /// If there are more than `u32::MAX >> 3`.
    #[track_caller]
    pub const fn const_with_max_readers(value: T, max_reads: u32) -> Self {
        assert!(
            max_reads <= MOST_READERS,
            "a RwLock may not be created with more than u32::MAX >> 3 readers"
        );
        Self {
            latch: Latch::new(Kind::AsyncRwLock, Location::caller(), max_reads),
            value: UnsafeCell::new(value),
        }
    }

    /// The value, without the lock. See [`tokio::sync::RwLock::into_inner`](::tokio::sync::RwLock::into_inner).
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Waits for the writers and locks for reading. See [`tokio::sync::RwLock::read`](::tokio::sync::RwLock::read).
    #[track_caller]
    pub fn read(&self) -> impl Future<Output = RwLockReadGuard<'_, T>> {
        let site = Location::caller();
        async move {
            self.latch.acquire(Mode::Shared, site).await;
            self.reading(site)
        }
    }

    /// As [`read`](Self::read), with a guard that owns the lock. See
    /// [`tokio::sync::RwLock::read_owned`](::tokio::sync::RwLock::read_owned).
    #[track_caller]
    pub fn read_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockReadGuard<T>> {
        let site = Location::caller();
        async move {
            self.latch.acquire(Mode::Shared, site).await;
            self.reading_owned(site)
        }
    }

    /// Waits for all others and locks for writing. See [`tokio::sync::RwLock::write`](::tokio::sync::RwLock::write).
    #[track_caller]
    pub fn write(&self) -> impl Future<Output = RwLockWriteGuard<'_, T>> {
        let site = Location::caller();
        async move {
            self.latch.acquire(Mode::Exclusive, site).await;
            self.writing(site)
        }
    }

    /// As [`write`](Self::write), with a guard that owns the lock. See
    /// [`tokio::sync::RwLock::write_owned`](::tokio::sync::RwLock::write_owned).
    #[track_caller]
    pub fn write_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockWriteGuard<T>> {
        let site = Location::caller();
        async move {
            self.latch.acquire(Mode::Exclusive, site).await;
            self.writing_owned(site)
        }
    }

    /// Blocks the thread until it reads. See
    /// [`tokio::sync::RwLock::blocking_read`](::tokio::sync::RwLock::blocking_read).
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it.
    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        let site = Location::caller();
        self.latch.acquire_blocking(Mode::Shared, site);
        self.reading(site)
    }

    /// Blocks the thread until it writes. See
    /// [`tokio::sync::RwLock::blocking_write`](::tokio::sync::RwLock::blocking_write).
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it.
    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        let site = Location::caller();
        self.latch.acquire_blocking(Mode::Exclusive, site);
        self.writing(site)
    }

    /// Locks for reading if nobody writes. See [`tokio::sync::RwLock::try_read`](::tokio::sync::RwLock::try_read).
    ///
    /// # Errors
    ///
    /// If somebody does.
    #[track_caller]
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        self.latch.try_acquire(Mode::Shared)?;
        Ok(self.reading(Location::caller()))
    }

    /// As [`try_read`](Self::try_read), with a guard that owns the lock. See
    /// [`tokio::sync::RwLock::try_read_owned`](::tokio::sync::RwLock::try_read_owned).
    ///
    /// # Errors
    ///
    /// If somebody writes.
    #[track_caller]
    pub fn try_read_owned(self: Arc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        self.latch.try_acquire(Mode::Shared)?;
        Ok(self.reading_owned(Location::caller()))
    }

    /// Locks for writing if nobody holds it. See [`tokio::sync::RwLock::try_write`](::tokio::sync::RwLock::try_write).
    ///
    /// # Errors
    ///
    /// If somebody does.
    #[track_caller]
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        self.latch.try_acquire(Mode::Exclusive)?;
        Ok(self.writing(Location::caller()))
    }

    /// As [`try_write`](Self::try_write), with a guard that owns the lock. See
    /// [`tokio::sync::RwLock::try_write_owned`](::tokio::sync::RwLock::try_write_owned).
    ///
    /// # Errors
    ///
    /// If somebody holds it.
    #[track_caller]
    pub fn try_write_owned(self: Arc<Self>) -> Result<OwnedRwLockWriteGuard<T>, TryLockError> {
        self.latch.try_acquire(Mode::Exclusive)?;
        Ok(self.writing_owned(Location::caller()))
    }

    /// The value, without locking. See [`tokio::sync::RwLock::get_mut`](::tokio::sync::RwLock::get_mut).
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    fn reading(&self, site: Caller) -> RwLockReadGuard<'_, T> {
        RwLockReadGuard::with(
            self.place(),
            Claim::borrowed(&self.latch, Mode::Shared, site),
        )
    }

    fn writing(&self, site: Caller) -> RwLockWriteGuard<'_, T> {
        RwLockWriteGuard::with(
            self.place(),
            Claim::borrowed(&self.latch, Mode::Exclusive, site),
        )
    }

    fn reading_owned(self: Arc<Self>, site: Caller) -> OwnedRwLockReadGuard<T> {
        let place = self.place();
        OwnedRwLockReadGuard::with(place, Claim::owned(self, Mode::Shared, site))
    }

    fn writing_owned(self: Arc<Self>, site: Caller) -> OwnedRwLockWriteGuard<T> {
        let place = self.place();
        OwnedRwLockWriteGuard::with(place, Claim::owned(self, Mode::Exclusive, site))
    }

    fn place(&self) -> NonNull<T> {
        // SAFETY: a cell's value is somewhere.
        unsafe { NonNull::new_unchecked(self.value.get()) }
    }
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// Lets other readers in, and goes on as one of them. See
    /// [`tokio::sync::RwLockWriteGuard::downgrade`](::tokio::sync::RwLockWriteGuard::downgrade).
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard::with(self.value, self.claim.downgrade())
    }

    /// [`map`](Self::map) and [`downgrade`](Self::downgrade). See
    /// [`tokio::sync::RwLockWriteGuard::downgrade_map`](::tokio::sync::RwLockWriteGuard::downgrade_map).
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let value = NonNull::from(f(&*this));
        RwLockReadGuard::with(value, this.claim.downgrade())
    }

    /// As [`downgrade_map`](Self::downgrade_map), if there is such a part. See
    /// [`tokio::sync::RwLockWriteGuard::try_downgrade_map`](::tokio::sync::RwLockWriteGuard::try_downgrade_map).
    ///
    /// # Errors
    ///
    /// If there is none; the error is this guard.
    pub fn try_downgrade_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        match f(&*this).map(NonNull::from) {
            Some(value) => Ok(RwLockReadGuard::with(value, this.claim.downgrade())),
            None => Err(this),
        }
    }

    /// The same as a mapped guard. See
    /// [`tokio::sync::RwLockWriteGuard::into_mapped`](::tokio::sync::RwLockWriteGuard::into_mapped).
    pub fn into_mapped(this: Self) -> RwLockMappedWriteGuard<'a, T> {
        RwLockMappedWriteGuard::with(this.value, this.claim)
    }
}

impl<T: ?Sized> OwnedRwLockWriteGuard<T> {
    /// Lets other readers in, and goes on as one of them. See
    /// [`tokio::sync::OwnedRwLockWriteGuard::downgrade`](::tokio::sync::OwnedRwLockWriteGuard::downgrade).
    pub fn downgrade(self) -> OwnedRwLockReadGuard<T> {
        OwnedRwLockReadGuard::with(self.value, self.claim.downgrade())
    }

    /// [`map`](Self::map) and [`downgrade`](Self::downgrade). See
    /// [`tokio::sync::OwnedRwLockWriteGuard::downgrade_map`](::tokio::sync::OwnedRwLockWriteGuard::downgrade_map).
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let value = NonNull::from(f(&*this));
        OwnedRwLockReadGuard::with(value, this.claim.downgrade())
    }

    /// As [`downgrade_map`](Self::downgrade_map), if there is such a part. See
    /// [`tokio::sync::OwnedRwLockWriteGuard::try_downgrade_map`](::tokio::sync::OwnedRwLockWriteGuard::try_downgrade_map).
    ///
    /// # Errors
    ///
    /// If there is none; the error is this guard.
    pub fn try_downgrade_map<F, U: ?Sized>(
        this: Self,
        f: F,
    ) -> Result<OwnedRwLockReadGuard<T, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        match f(&*this).map(NonNull::from) {
            Some(value) => Ok(OwnedRwLockReadGuard::with(value, this.claim.downgrade())),
            None => Err(this),
        }
    }

    /// The same as a mapped guard. See
    /// [`tokio::sync::OwnedRwLockWriteGuard::into_mapped`](::tokio::sync::OwnedRwLockWriteGuard::into_mapped).
    pub fn into_mapped(this: Self) -> OwnedRwLockMappedWriteGuard<T> {
        OwnedRwLockMappedWriteGuard::with(this.value, this.claim)
    }

    /// The lock. See [`tokio::sync::OwnedRwLockWriteGuard::rwlock`](::tokio::sync::OwnedRwLockWriteGuard::rwlock).
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.claim.lock()
    }
}

impl<T: ?Sized, U: ?Sized> OwnedRwLockReadGuard<T, U> {
    /// The lock. See [`tokio::sync::OwnedRwLockReadGuard::rwlock`](::tokio::sync::OwnedRwLockReadGuard::rwlock).
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.claim.lock()
    }
}

impl<T: ?Sized, U: ?Sized> OwnedRwLockMappedWriteGuard<T, U> {
    /// The lock. See
    /// [`tokio::sync::OwnedRwLockMappedWriteGuard::rwlock`](::tokio::sync::OwnedRwLockMappedWriteGuard::rwlock).
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.claim.lock()
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
        let mut debug = f.debug_struct("RwLock");
        match self.try_read() {
            Ok(guard) => debug.field("data", &&*guard),
            Err(_) => debug.field("data", &format_args!("<locked>")),
        };
        debug.finish()
    }
}
