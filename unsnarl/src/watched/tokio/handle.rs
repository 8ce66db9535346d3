//! `tokio::runtime::Handle`, watched.

use std::ops::Deref;
use std::panic::Location;

use ::tokio::runtime::TryCurrentError;

use super::join_handle::JoinHandle;
use super::runtime::block_on;
use super::spawn;

/// The watched form of [`tokio::runtime::Handle`](::tokio::runtime::Handle).
#[derive(Clone, Debug)]
pub struct Handle(::tokio::runtime::Handle);

impl Handle {
    pub(super) fn of(inner: ::tokio::runtime::Handle) -> Self {
        Self(inner)
    }

    /// That of the runtime that runs this. See [`tokio::runtime::Handle::current`](::tokio::runtime::Handle::current).
    ///
    /// # Panics
    ///
    /// If none does.
    #[must_use]
    #[track_caller]
    pub fn current() -> Self {
        Self(::tokio::runtime::Handle::current())
    }

    /// That of the runtime that runs this. See
    /// [`tokio::runtime::Handle::try_current`](::tokio::runtime::Handle::try_current).
    ///
    /// # Errors
    ///
    /// If none does.
    pub fn try_current() -> Result<Self, TryCurrentError> {
        ::tokio::runtime::Handle::try_current().map(Self)
    }

    /// Spawns a task. See [`tokio::runtime::Handle::spawn`](::tokio::runtime::Handle::spawn).
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        spawn::on(&self.0, future, Location::caller())
    }

    /// Runs a function where it may block. See
    /// [`tokio::runtime::Handle::spawn_blocking`](::tokio::runtime::Handle::spawn_blocking).
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, func: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        spawn::blocking_on(&self.0, func, Location::caller())
    }

    /// Blocks the thread until the future is ready. See
    /// [`tokio::runtime::Handle::block_on`](::tokio::runtime::Handle::block_on).
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it, or the future waits for ever.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        block_on(future, &|| (), |errand| self.0.block_on(errand))
    }
}

/// What needs no watching: `enter`, `runtime_flavor`, `metrics`, …
impl Deref for Handle {
    type Target = ::tokio::runtime::Handle;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
