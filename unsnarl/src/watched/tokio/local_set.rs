//! `tokio::task::LocalSet`, watched.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::join_handle::JoinHandle;
use super::runtime::{Runtime, block_on};
use super::spawn;

/// The watched form of [`tokio::task::LocalSet`](::tokio::task::LocalSet).
#[derive(Default)]
pub struct LocalSet(::tokio::task::LocalSet);

impl LocalSet {
    /// A set without tasks. See [`tokio::task::LocalSet::new`](::tokio::task::LocalSet::new).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Spawns a task into the set. See [`tokio::task::LocalSet::spawn_local`](::tokio::task::LocalSet::spawn_local).
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
    {
        let site = Location::caller();
        let (errand, task) = spawn::local(future, site);
        JoinHandle::new(self.0.spawn_local(errand), task, site)
    }

    /// Blocks the thread until the future is ready, and runs the set meanwhile. See
    /// [`tokio::task::LocalSet::block_on`](::tokio::task::LocalSet::block_on).
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it, or a task of the set waits for ever.
    #[track_caller]
    pub fn block_on<F: Future>(&self, rt: &Runtime, future: F) -> F::Output {
        block_on(future, &|| (), |errand| self.0.block_on(rt, errand))
    }
}

/// What needs no watching: `run_until`, `enter`, …
impl Deref for LocalSet {
    type Target = ::tokio::task::LocalSet;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Future for LocalSet {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.get_mut().0).poll(cx)
    }
}

impl fmt::Debug for LocalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
