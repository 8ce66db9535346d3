//! Spawning tasks, watched.

use std::panic::Location;
use std::sync::Arc;

use ::tokio::runtime::Handle;
use model::site::Caller;
use stress::point::Deed;

use super::errand::Errand;
use super::join_handle::JoinHandle;
use super::population::{count, is_on_one_thread};
use crate::recorder::noise::{self, Object};
use crate::recorder::tasks::{self, Task};

/// Spawns a task. See [`tokio::spawn`](::tokio::spawn).
///
/// # Panics
///
/// If it is not called from a runtime.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let site = Location::caller();
    match Handle::try_current() {
        Ok(runtime) => on(&runtime, future, site),
        // It says what is wrong.
        Err(_) => JoinHandle::new(::tokio::spawn(future), None, site),
    }
}

/// Runs a function where it may block. See [`tokio::task::spawn_blocking`](::tokio::task::spawn_blocking).
///
/// # Panics
///
/// If it is not called from a runtime.
#[track_caller]
pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let site = Location::caller();
    match Handle::try_current() {
        Ok(runtime) => blocking_on(&runtime, f, site),
        // It says what is wrong.
        Err(_) => JoinHandle::new(::tokio::task::spawn_blocking(f), None, site),
    }
}

/// Spawns a task that stays on this thread. See [`tokio::task::spawn_local`](::tokio::task::spawn_local).
///
/// # Panics
///
/// If it is not called from a `LocalSet` or a local runtime.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
{
    let site = Location::caller();
    let (errand, task) = local(future, site);
    JoinHandle::new(::tokio::task::spawn_local(errand), task, site)
}

/// Runs a function that blocks this thread, while its other tasks go elsewhere. See
/// [`tokio::task::block_in_place`](::tokio::task::block_in_place).
///
/// # Panics
///
/// If the runtime has but one thread.
#[track_caller]
pub fn block_in_place<F, R>(f: F) -> R
where
    F: FnOnce() -> R,
{
    ::tokio::task::block_in_place(|| tasks::may_block(f))
}

/// Spawns a task on this runtime.
pub(crate) fn on<F>(runtime: &Handle, future: F, site: Caller) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let (errand, task) = sent(runtime, future, site);
    let handle = runtime.spawn(errand);
    noise::at(Deed::Spawned, || Object::NONE);
    JoinHandle::new(handle, task, site)
}

/// Runs a function where it may block, for this runtime.
pub(crate) fn blocking_on<F, R>(runtime: &Handle, f: F, site: Caller) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let (f, task) = on_its_own(f, site);
    let handle = runtime.spawn_blocking(f);
    noise::at(Deed::Spawned, || Object::NONE);
    JoinHandle::new(handle, task, site)
}

/// What a task is to run on this runtime.
pub(crate) fn sent<F: Future>(
    runtime: &Handle,
    future: F,
    site: Caller,
) -> (Errand<F>, Option<Arc<Task>>) {
    let task = tasks::plan(site, is_on_one_thread(runtime));
    let counted = task.as_ref().and_then(|_| count(runtime));
    (Errand::new(task.clone(), future, counted), task)
}

/// What a task is to run that stays on its thread.
pub(crate) fn local<F: Future>(future: F, site: Caller) -> (Errand<F>, Option<Arc<Task>>) {
    let task = tasks::plan(site, true);
    (Errand::new(task.clone(), future, None), task)
}

/// What a task is to run that has a thread for itself.
pub(crate) fn on_its_own<R>(
    f: impl FnOnce() -> R + Send,
    site: Caller,
) -> (impl FnOnce() -> R + Send, Option<Arc<Task>>) {
    let task = tasks::plan(site, false);
    let guest = Guest(task.clone());
    (move || guest.run(f), task)
}

/// A task that has a thread for itself, once it runs.
struct Guest(Option<Arc<Task>>);

impl Guest {
    fn run<R>(mut self, f: impl FnOnce() -> R) -> R {
        /// Ends the task also when it panics.
        struct Ending(Arc<Task>);
        impl Drop for Ending {
            fn drop(&mut self) {
                self.0.finish();
            }
        }
        let Some(task) = self.0.take() else {
            return f();
        };
        let Some(_visit) = task.stay() else {
            task.abandon();
            return f();
        };
        task.settle();
        let _ending = Ending(task);
        f()
    }
}

impl Drop for Guest {
    /// It was cancelled before it ran.
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.abandon();
        }
    }
}
