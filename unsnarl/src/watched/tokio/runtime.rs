//! `tokio::runtime::Runtime`, watched.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use super::builder::Builder;
use super::errand::Errand;
use super::handle::Handle;
use super::join_handle::JoinHandle;
use super::population::{Watched, is_on_one_thread};
use super::spawn;
use crate::recorder::tasks::{self, AtEnd, Task};

/// The watched form of [`tokio::runtime::Runtime`](::tokio::runtime::Runtime).
///
/// **Not as there**: where tests must leave nothing behind, dropping it panics if a task is left.
pub struct Runtime {
    /// There until it is shut down. Dropped first: its tasks are watched until then.
    inner: Option<::tokio::runtime::Runtime>,
    handle: Handle,
    at_end: Option<AtEnd>,
    _watched: Watched,
}

const THERE: &str = "the runtime is there until it is shut down";

impl Runtime {
    /// A runtime with many threads. See [`tokio::runtime::Runtime::new`](::tokio::runtime::Runtime::new).
    ///
    /// # Errors
    ///
    /// If the operating system does not give what it needs.
    pub fn new() -> io::Result<Self> {
        Builder::new_multi_thread().enable_all().build()
    }

    pub(super) fn of(inner: ::tokio::runtime::Runtime) -> Self {
        Self {
            handle: Handle::of(inner.handle().clone()),
            _watched: Watched::new(inner.handle()),
            at_end: tasks::at_end(),
            inner: Some(inner),
        }
    }

    /// Its handle. See [`tokio::runtime::Runtime::handle`](::tokio::runtime::Runtime::handle).
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Spawns a task. See [`tokio::runtime::Runtime::spawn`](::tokio::runtime::Runtime::spawn).
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        spawn::on((**self).handle(), future, Location::caller())
    }

    /// Runs a function where it may block. See
    /// [`tokio::runtime::Runtime::spawn_blocking`](::tokio::runtime::Runtime::spawn_blocking).
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, func: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        spawn::blocking_on((**self).handle(), func, Location::caller())
    }

    /// Blocks the thread until the future is ready. See
    /// [`tokio::runtime::Runtime::block_on`](::tokio::runtime::Runtime::block_on).
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it, if the future waits for ever, or if a task is left that
    /// [`leak::check_none`](crate::leak::check_none) asks for.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let drive = || drive(self);
        block_on(future, &drive, |errand| (**self).block_on(errand))
    }

    /// Ends the runtime, and waits at most so long for functions that block. See
    /// [`tokio::runtime::Runtime::shutdown_timeout`](::tokio::runtime::Runtime::shutdown_timeout).
    pub fn shutdown_timeout(mut self, duration: Duration) {
        self.inner.take().expect(THERE).shutdown_timeout(duration);
    }

    /// Ends the runtime, and waits for nothing. See
    /// [`tokio::runtime::Runtime::shutdown_background`](::tokio::runtime::Runtime::shutdown_background).
    pub fn shutdown_background(mut self) {
        self.inner.take().expect(THERE).shutdown_background();
    }
}

impl Drop for Runtime {
    /// # Panics
    ///
    /// If a task is left of a test that must leave nothing behind, unless the thread panics already.
    fn drop(&mut self) {
        let at_end = self.at_end.take();
        let (Some(at_end), Some(inner)) = (at_end, &self.inner) else {
            return;
        };
        if std::thread::panicking() {
            return;
        }
        if let Some(message) = at_end.see(&|| drive(inner)) {
            panic!("unsnarl: {message}");
        }
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// Lets the tasks of a runtime get on, if its threads do not do so anyway.
fn drive(runtime: &::tokio::runtime::Runtime) {
    if is_on_one_thread(runtime.handle()) {
        runtime.block_on(turns());
    }
}

/// Lets other tasks run for a while.
async fn turns() {
    for _ in 0..64 {
        ::tokio::task::yield_now().await;
    }
}

/// Blocks the thread on a future, in the way of `run`; then sees to what was to be checked at its end, and lets the runtime's
/// tasks go on meanwhile with `drive`.
#[track_caller]
pub(super) fn block_on<F: Future>(
    future: F,
    drive: &dyn Fn(),
    run: impl FnOnce(Errand<F>) -> F::Output,
) -> F::Output {
    struct Leaving(Option<Arc<Task>>);
    impl Drop for Leaving {
        fn drop(&mut self) {
            if let Some(root) = &self.0 {
                root.leave_root();
            }
        }
    }
    let leaving = Leaving(tasks::root());
    let output = run(Errand::new(leaving.0.clone(), future, None));
    let left = leaving.0.as_ref().and_then(|root| root.check_leaks(drive));
    if let Some(message) = left {
        panic!("unsnarl: {message}");
    }
    output
}

/// What needs no watching: `enter`, `metrics`, …
impl Deref for Runtime {
    type Target = ::tokio::runtime::Runtime;

    fn deref(&self) -> &Self::Target {
        self.inner.as_ref().expect(THERE)
    }
}
