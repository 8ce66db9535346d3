//! Who is who: the slots of threads, and what reports say of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::id::ThreadId;
use model::site::Caller;
use race::epoch::Epoch;
use race::slots::Slots;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::lives::Root;

/// A thread, as reports speak of it.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) id: ThreadId,
    pub(super) name: Arc<str>,
    /// What it shares with all threads that descend from the same one that nobody watched start.
    pub(super) root: Root,
    /// Where it was started.
    pub(super) started: Option<Caller>,
}

/// All threads that were ever watched for races.
#[derive(Debug)]
pub(super) struct Census {
    pub(super) slots: Slots<ThreadId>,
    people: FxHashMap<ThreadId, Arc<Person>>,
}

static CENSUS: Mutex<Census> = Mutex::new(Census {
    slots: Slots::new(),
    people: FxHashMap::with_hasher(FxBuildHasher),
});

/// The census. Nothing that could wait may be called while it is held.
pub(super) fn census() -> MutexGuard<'static, Census> {
    CENSUS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Census {
    /// A thread that was not known before.
    pub(super) fn add(&mut self, person: Person) -> Arc<Person> {
        let person = Arc::new(person);
        self.people.insert(person.id, Arc::clone(&person));
        person
    }

    /// A thread is gone, with everything that could be told of it; this is the last moment that it has given to others.
    #[cfg(feature = "explore")]
    pub(super) fn leave(&mut self, id: ThreadId, last: Epoch) {
        self.people.remove(&id);
        self.slots.forget(last.slot(), id);
        self.slots.end(last);
    }

    /// The thread of this number.
    pub(super) fn person(&self, id: ThreadId) -> Option<Arc<Person>> {
        self.people.get(&id).cloned()
    }

    /// Whose moment it was.
    pub(super) fn owner(&self, epoch: Epoch) -> Option<Arc<Person>> {
        self.people.get(&self.slots.owner(epoch)?).cloned()
    }
}
