//! How many watched tasks each runtime has: if it has more than that, nobody knows what the others are about to do.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use ::tokio::runtime::{Handle, Id, RuntimeFlavor};

use crate::recorder::hosts::{self, Living};

/// The watched tasks of the runtimes that live, by how many.
static POPULATIONS: LazyLock<Mutex<HashMap<Id, Arc<AtomicUsize>>>> = LazyLock::new(Mutex::default);

fn populations() -> MutexGuard<'static, HashMap<Id, Arc<AtomicUsize>>> {
    POPULATIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A watched task, until this is dropped.
pub(crate) struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        // SeqCst: the runtime counts its tasks in its own way.
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A task is about to be spawned on this runtime.
pub(crate) fn count(runtime: &Handle) -> Option<Counted> {
    let population = populations().get(&runtime.id()).cloned()?;
    population.fetch_add(1, Ordering::SeqCst);
    Some(Counted(population))
}

/// Whether all tasks of this runtime run on one thread.
pub(crate) fn is_on_one_thread(runtime: &Handle) -> bool {
    runtime.runtime_flavor() == RuntimeFlavor::CurrentThread
}

/// A runtime whose tasks are counted, until this is dropped.
#[derive(Debug)]
pub(crate) struct Watched {
    id: Id,
    _living: Living,
}

impl Watched {
    pub(crate) fn new(runtime: &Handle) -> Self {
        let id = runtime.id();
        let population = Arc::clone(populations().entry(id).or_default());
        let runtime = runtime.clone();
        let has_outsiders =
            move || runtime.metrics().num_alive_tasks() > population.load(Ordering::SeqCst);
        Self {
            id,
            _living: hosts::begin(Box::new(has_outsiders)),
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        populations().remove(&self.id);
    }
}
