//! `tokio::sync::Semaphore`, watched.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ::tokio::sync::{AcquireError, TryAcquireError};
use lockgraph::wait::need::{Deed, Need};
use lockgraph::wait::remnant::What;
use model::kind::Kind;
use model::site::Caller;
use stress::point::Deed as Act;

use super::awaiting::on;
use crate::recorder::leaks::belongings::Belonging;
use crate::recorder::tasks::permits;
use crate::recorder::tasks::suspension::Await;
use crate::watched::tag::Tag;

/// The watched form of [`tokio::sync::Semaphore`](::tokio::sync::Semaphore).
///
/// **Not as there**: the pool of [`SemaphorePermit::semaphore`] is this one.
pub struct Semaphore {
    tag: Tag,
    inner: ::tokio::sync::Semaphore,
    /// Permits that were forgotten, and not added again since.
    missing: AtomicUsize,
}

/// The watched form of [`tokio::sync::SemaphorePermit`](::tokio::sync::SemaphorePermit).
#[must_use]
#[derive(Debug)]
pub struct SemaphorePermit<'a> {
    semaphore: &'a Semaphore,
    permits: usize,
    /// They are the test's that took them.
    belonging: Belonging,
}

/// The watched form of [`tokio::sync::OwnedSemaphorePermit`](::tokio::sync::OwnedSemaphorePermit).
#[must_use]
#[derive(Debug)]
pub struct OwnedSemaphorePermit {
    semaphore: Arc<Semaphore>,
    permits: usize,
    /// They are the test's that took them.
    belonging: Belonging,
}

impl Semaphore {
    /// The most permits that one can have. See [`tokio::sync::Semaphore::MAX_PERMITS`](::tokio::sync::Semaphore::MAX_PERMITS).
    pub const MAX_PERMITS: usize = ::tokio::sync::Semaphore::MAX_PERMITS;

    /// A new semaphore with so many permits. See [`tokio::sync::Semaphore::new`](::tokio::sync::Semaphore::new).
    ///
    /// # Panics
    ///
    /// If there are more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    #[track_caller]
    pub fn new(permits: usize) -> Self {
        Self {
            tag: Tag::new(Kind::Semaphore, Location::caller()),
            inner: ::tokio::sync::Semaphore::new(permits),
            missing: AtomicUsize::new(0),
        }
    }

    /// A new semaphore, in a constant. See [`tokio::sync::Semaphore::const_new`](::tokio::sync::Semaphore::const_new).
    #[track_caller]
    pub const fn const_new(permits: usize) -> Self {
        Self {
            tag: Tag::new(Kind::Semaphore, Location::caller()),
            inner: ::tokio::sync::Semaphore::const_new(permits),
            missing: AtomicUsize::new(0),
        }
    }

    /// Adds permits. See [`tokio::sync::Semaphore::add_permits`](::tokio::sync::Semaphore::add_permits).
    ///
    /// # Panics
    ///
    /// If there are more than [`MAX_PERMITS`](Self::MAX_PERMITS) then.
    pub fn add_permits(&self, n: usize) {
        // Relaxed, twice: a figure for the report.
        let less = |missing: usize| Some(missing.saturating_sub(n));
        let _ = self
            .missing
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        permits::found(self.tag.id(), n);
        self.give_back(n);
    }

    fn give_back(&self, permits: usize) {
        self.tag.disturb(Act::Give);
        self.tag.giving();
        self.inner.add_permits(permits);
    }

    /// Waits for a permit. See [`tokio::sync::Semaphore::acquire`](::tokio::sync::Semaphore::acquire).
    ///
    /// # Errors
    ///
    /// If the semaphore is closed.
    #[track_caller]
    pub fn acquire(&self) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        self.acquire_many(1)
    }

    /// Waits for so many permits. See [`tokio::sync::Semaphore::acquire_many`](::tokio::sync::Semaphore::acquire_many).
    ///
    /// # Errors
    ///
    /// If the semaphore is closed.
    #[track_caller]
    pub fn acquire_many(
        &self,
        n: u32,
    ) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        let site = Location::caller();
        async move {
            self.take(n, site).await?;
            Ok(self.permit(n, site))
        }
    }

    /// Waits for a permit that owns the semaphore. See
    /// [`tokio::sync::Semaphore::acquire_owned`](::tokio::sync::Semaphore::acquire_owned).
    ///
    /// # Errors
    ///
    /// If the semaphore is closed.
    #[track_caller]
    pub fn acquire_owned(
        self: Arc<Self>,
    ) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        self.acquire_many_owned(1)
    }

    /// Waits for so many permits that own the semaphore. See
    /// [`tokio::sync::Semaphore::acquire_many_owned`](::tokio::sync::Semaphore::acquire_many_owned).
    ///
    /// # Errors
    ///
    /// If the semaphore is closed.
    #[track_caller]
    pub fn acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        let site = Location::caller();
        async move {
            self.take(n, site).await?;
            Ok(self.owned_permit(n, site))
        }
    }

    async fn take(&self, n: u32, site: Caller) -> Result<(), AcquireError> {
        self.tag.disturb(Act::Take);
        let awaited = || Await {
            target: self.tag.target(),
            need: Need::Anyone(Deed::Release),
            site,
        };
        on(awaited, self.inner.acquire_many(n)).await?.forget();
        self.tag.received();
        Ok(())
    }

    /// Takes a permit if there is one. See [`tokio::sync::Semaphore::try_acquire`](::tokio::sync::Semaphore::try_acquire).
    ///
    /// # Errors
    ///
    /// If there is none, or the semaphore is closed.
    #[track_caller]
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.try_acquire_many(1)
    }

    /// Takes so many permits if there are as many. See
    /// [`tokio::sync::Semaphore::try_acquire_many`](::tokio::sync::Semaphore::try_acquire_many).
    ///
    /// # Errors
    ///
    /// If there are fewer, or the semaphore is closed.
    #[track_caller]
    pub fn try_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.try_take(n)?;
        Ok(self.permit(n, Location::caller()))
    }

    /// As [`try_acquire`](Self::try_acquire), with a permit that owns the semaphore. See
    /// [`tokio::sync::Semaphore::try_acquire_owned`](::tokio::sync::Semaphore::try_acquire_owned).
    ///
    /// # Errors
    ///
    /// If there is none, or the semaphore is closed.
    #[track_caller]
    pub fn try_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_acquire_many_owned(1)
    }

    /// As [`try_acquire_many`](Self::try_acquire_many), with permits that own the semaphore. See
    /// [`tokio::sync::Semaphore::try_acquire_many_owned`](::tokio::sync::Semaphore::try_acquire_many_owned).
    ///
    /// # Errors
    ///
    /// If there are fewer, or the semaphore is closed.
    #[track_caller]
    pub fn try_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_take(n)?;
        Ok(self.owned_permit(n, Location::caller()))
    }

    fn try_take(&self, n: u32) -> Result<(), TryAcquireError> {
        self.tag.disturb(Act::Take);
        self.inner.try_acquire_many(n)?.forget();
        self.tag.received();
        Ok(())
    }

    /// Blocks the thread until there is a permit. See
    /// [`tokio::sync::Semaphore::blocking_acquire`](::tokio::sync::Semaphore::blocking_acquire).
    ///
    /// # Errors
    ///
    /// If the semaphore is closed.
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it.
    #[track_caller]
    pub fn blocking_acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.blocking_acquire_many(1)
    }

    /// Blocks the thread until there are so many permits. See
    /// [`tokio::sync::Semaphore::blocking_acquire_many`](::tokio::sync::Semaphore::blocking_acquire_many).
    ///
    /// # Errors
    ///
    /// If the semaphore is closed.
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it.
    #[track_caller]
    pub fn blocking_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.inner.blocking_acquire_many(n)?.forget();
        self.tag.received();
        Ok(self.permit(n, Location::caller()))
    }

    /// As [`blocking_acquire`](Self::blocking_acquire), with a permit that owns the semaphore. See
    /// [`tokio::sync::Semaphore::blocking_acquire_owned`](::tokio::sync::Semaphore::blocking_acquire_owned).
    ///
    /// # Errors
    ///
    /// If the semaphore is closed.
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it.
    #[track_caller]
    pub fn blocking_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.blocking_acquire_many_owned(1)
    }

    /// As [`blocking_acquire_many`](Self::blocking_acquire_many), with permits that own the semaphore. See
    /// [`tokio::sync::Semaphore::blocking_acquire_many_owned`](::tokio::sync::Semaphore::blocking_acquire_many_owned).
    ///
    /// # Errors
    ///
    /// If the semaphore is closed.
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it.
    #[track_caller]
    pub fn blocking_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.inner.blocking_acquire_many(n)?.forget();
        self.tag.received();
        Ok(self.owned_permit(n, Location::caller()))
    }

    fn permit(&self, n: u32, site: Caller) -> SemaphorePermit<'_> {
        SemaphorePermit {
            semaphore: self,
            permits: n as usize,
            belonging: self.taken(n as usize, site),
        }
    }

    fn owned_permit(self: Arc<Self>, n: u32, site: Caller) -> OwnedSemaphorePermit {
        OwnedSemaphorePermit {
            permits: n as usize,
            belonging: self.taken(n as usize, site),
            semaphore: self,
        }
    }

    fn taken(&self, permits: usize, site: Caller) -> Belonging {
        Belonging::taken(What::Permits(permits), self.tag.target(), site)
    }

    /// Permits are not given back by those who had them.
    fn forget(&self, permits: usize, site: Caller) {
        // Relaxed: a figure for the report.
        self.missing.fetch_add(permits, Ordering::Relaxed);
        permits::forgotten(self.tag.id(), permits, site);
    }
}

/// What needs no watching: `available_permits`, `forget_permits`, `close`, …
impl Deref for Semaphore {
    type Target = ::tokio::sync::Semaphore;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl Drop for Semaphore {
    fn drop(&mut self) {
        if *self.missing.get_mut() > 0 {
            permits::found(self.tag.id(), usize::MAX);
        }
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<'a> SemaphorePermit<'a> {
    /// Gives the permit to nobody. See [`tokio::sync::SemaphorePermit::forget`](::tokio::sync::SemaphorePermit::forget).
    #[track_caller]
    pub fn forget(mut self) {
        self.semaphore.forget(self.permits, Location::caller());
        self.permits = 0;
    }

    /// Takes in another permit. See [`tokio::sync::SemaphorePermit::merge`](::tokio::sync::SemaphorePermit::merge).
    ///
    /// # Panics
    ///
    /// If it is of another semaphore.
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        assert!(
            std::ptr::eq(self.semaphore, other.semaphore),
            "merging permits from different semaphore instances"
        );
        self.permits += std::mem::take(&mut other.permits);
        self.belonging.becomes(What::Permits(self.permits));
    }

    /// Splits some off, if there are as many. See [`tokio::sync::SemaphorePermit::split`](::tokio::sync::SemaphorePermit::split).
    #[track_caller]
    pub fn split(&mut self, n: usize) -> Option<Self> {
        self.permits = self.permits.checked_sub(n)?;
        self.belonging.becomes(What::Permits(self.permits));
        Some(Self {
            semaphore: self.semaphore,
            permits: n,
            belonging: self.semaphore.taken(n, Location::caller()),
        })
    }

    /// The semaphore. See [`tokio::sync::SemaphorePermit::semaphore`](::tokio::sync::SemaphorePermit::semaphore).
    pub fn semaphore(&self) -> &'a Semaphore {
        self.semaphore
    }

    /// How many there are. See [`tokio::sync::SemaphorePermit::num_permits`](::tokio::sync::SemaphorePermit::num_permits).
    pub fn num_permits(&self) -> usize {
        self.permits
    }
}

impl OwnedSemaphorePermit {
    /// Gives the permit to nobody. See
    /// [`tokio::sync::OwnedSemaphorePermit::forget`](::tokio::sync::OwnedSemaphorePermit::forget).
    #[track_caller]
    pub fn forget(mut self) {
        self.semaphore.forget(self.permits, Location::caller());
        self.permits = 0;
    }

    /// Takes in another permit. See [`tokio::sync::OwnedSemaphorePermit::merge`](::tokio::sync::OwnedSemaphorePermit::merge).
    ///
    /// # Panics
    ///
    /// If it is of another semaphore.
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        assert!(
            Arc::ptr_eq(&self.semaphore, &other.semaphore),
            "merging permits from different semaphore instances"
        );
        self.permits += std::mem::take(&mut other.permits);
        self.belonging.becomes(What::Permits(self.permits));
    }

    /// Splits some off, if there are as many. See
    /// [`tokio::sync::OwnedSemaphorePermit::split`](::tokio::sync::OwnedSemaphorePermit::split).
    #[track_caller]
    pub fn split(&mut self, n: usize) -> Option<Self> {
        self.permits = self.permits.checked_sub(n)?;
        self.belonging.becomes(What::Permits(self.permits));
        Some(Self {
            semaphore: Arc::clone(&self.semaphore),
            permits: n,
            belonging: self.semaphore.taken(n, Location::caller()),
        })
    }

    /// The semaphore. See
    /// [`tokio::sync::OwnedSemaphorePermit::semaphore`](::tokio::sync::OwnedSemaphorePermit::semaphore).
    pub fn semaphore(&self) -> &Arc<Semaphore> {
        &self.semaphore
    }

    /// How many there are. See
    /// [`tokio::sync::OwnedSemaphorePermit::num_permits`](::tokio::sync::OwnedSemaphorePermit::num_permits).
    pub fn num_permits(&self) -> usize {
        self.permits
    }
}

impl Drop for SemaphorePermit<'_> {
    fn drop(&mut self) {
        if self.permits > 0 {
            self.semaphore.give_back(self.permits);
        }
    }
}

impl Drop for OwnedSemaphorePermit {
    fn drop(&mut self) {
        if self.permits > 0 {
            self.semaphore.give_back(self.permits);
        }
    }
}
