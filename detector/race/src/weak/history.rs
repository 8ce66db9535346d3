//! One atomic: what was stored in it, in the order of modification.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;

use smallvec::SmallVec;

use super::fences::Fences;
use crate::clock::Clock;
use crate::epoch::Epoch;
use crate::local::Local;
#[cfg(feature = "weak")]
use crate::local::Past;
use crate::location::Location;
use crate::stamp::Stamp;

/// How many stores an atomic keeps. An older one is not shown any more.
pub const MOST: usize = 32;

/// What was stored in an atomic. `V` is what a store carries: its value, and whatever else is to be known of it.
#[derive(Debug)]
pub struct History<V> {
    /// Never empty; the latest is the last.
    stores: VecDeque<Store<V>>,
}

/// One store.
#[derive(Debug)]
struct Store<V> {
    what: V,
    /// When, and by whom.
    epoch: Epoch,
    /// The release sequences that it belongs to.
    released: Location,
    /// Who has read it: of each thread the first time.
    readers: SmallVec<[Epoch; 2]>,
    /// How many `SeqCst` fences there had been when a `SeqCst` operation first wrote or read it.
    single_order: Option<u64>,
}

impl<V> History<V> {
    /// An atomic with its first value, which everybody knows.
    #[must_use]
    pub fn new(what: V) -> Self {
        let mut history = Self {
            stores: VecDeque::new(),
        };
        history.restart(what);
        history
    }

    /// Another atomic, in the memory of this one.
    pub fn restart(&mut self, what: V) {
        self.stores.clear();
        self.stores.push_back(Store {
            what,
            epoch: Epoch::NONE,
            released: Location::NEW,
            readers: SmallVec::new(),
            single_order: None,
        });
    }

    /// Gives back the memory of what is left, before it is another atomic's.
    #[cfg(feature = "weak")]
    pub fn give_back(&mut self, pasts: &mut Vec<Past>) {
        let released = self.stores.drain(..).map(|store| store.released);
        let free = released.filter_map(|released| Past::of(released.into_released()));
        pasts.extend(free.take(MOST));
    }

    /// Keeps nothing but the latest store.
    pub fn forget_old(&mut self) {
        let old = self.stores.len().saturating_sub(1);
        self.stores.drain(..old);
    }

    /// The latest store.
    ///
    /// # Panics
    ///
    /// Never: there is always one.
    #[must_use]
    pub fn latest(&self) -> &V {
        &self.stores.back().expect("there is a store").what
    }

    /// What a load may show now, the latest first; there is always that one.
    pub fn readable<'h>(
        &'h self,
        thread: &'h Local,
        order: Ordering,
        fences: &'h Fences,
    ) -> impl Iterator<Item = &'h V> {
        let limit = Limit::new(thread, order, fences);
        self.stores.iter().rev().scan(false, move |is_over, store| {
            let is_shown = !*is_over;
            *is_over = is_shown && limit.hides_what_is_before(store);
            is_shown.then_some(&store.what)
        })
    }

    /// The thread reads the `back`th store before the latest.
    ///
    /// # Panics
    ///
    /// If that is not one of those that it may read.
    pub fn load(
        &mut self,
        thread: &mut Local,
        order: Ordering,
        fences: &Fences,
        back: usize,
    ) -> &V {
        let place = self.stores.len().checked_sub(back + 1);
        let store = place.and_then(|place| self.stores.get_mut(place));
        let store = store.expect("a store that may be read is there");
        store.released.load(thread, order);
        store.note_reader(thread, order, fences);
        &store.what
    }

    /// What the `back`th store before the latest publishes.
    #[must_use]
    pub fn released(&self, back: usize) -> Option<&Stamp> {
        let place = self.stores.len().checked_sub(back + 1)?;
        Some(self.stores.get(place)?.released.released())
    }

    /// The thread writes.
    pub fn store(&mut self, thread: &mut Local, order: Ordering, fences: &Fences, what: V) {
        let epoch = thread.epoch();
        let mut released = Location::NEW;
        released.store(thread, order);
        self.push(what, epoch, released, order, fences);
    }

    /// The thread reads the latest store and writes behind it, in one step.
    pub fn update(&mut self, thread: &mut Local, order: Ordering, fences: &Fences, what: V) {
        self.load(thread, order, fences, 0);
        let epoch = thread.epoch();
        let latest = self.stores.back().map(|store| &store.released);
        let released = latest.unwrap_or(&Location::NEW).succeeded(thread, order);
        self.push(what, epoch, released, order, fences);
    }

    fn push(
        &mut self,
        what: V,
        epoch: Epoch,
        released: Location,
        order: Ordering,
        fences: &Fences,
    ) {
        if self.stores.len() == MOST {
            self.stores.pop_front();
        }
        self.stores.push_back(Store {
            what,
            epoch,
            released,
            readers: SmallVec::new(),
            single_order: (order == Ordering::SeqCst).then(|| fences.count()),
        });
    }
}

impl<V> Store<V> {
    fn note_reader(&mut self, thread: &Local, order: Ordering, fences: &Fences) {
        let now = thread.epoch();
        if self.epoch.slot() != now.slot()
            && self.readers.iter().all(|one| one.slot() != now.slot())
        {
            self.readers.push(now);
        }
        if order == Ordering::SeqCst {
            self.single_order.get_or_insert_with(|| fences.count());
        }
    }

    /// Whether it was written or read at a moment that this knows.
    fn is_known(&self, knows: impl Fn(Epoch) -> bool) -> bool {
        knows(self.epoch) || self.readers.iter().any(|&reader| knows(reader))
    }
}

/// What a thread must not overlook when it loads.
struct Limit<'t> {
    thread: &'t Local,
    /// What lies before the fences that count, if any do.
    fenced: Option<&'t Clock>,
    /// `SeqCst` operations count that came before so many fences.
    single_order: u64,
}

impl<'t> Limit<'t> {
    fn new(thread: &'t Local, order: Ordering, fences: &'t Fences) -> Self {
        // Nothing that comes later in the single order may be read from before: neither by a load that is part of it, nor by
        // one that comes after a fence that is.
        let (fenced, single_order) = match fences.known_to(thread) {
            _ if order == Ordering::SeqCst => (Some(fences.before()), u64::MAX),
            Some(fence) => (Some(fence.before), fence.number),
            None => (None, 0),
        };
        Self {
            thread,
            fenced,
            single_order,
        }
    }

    /// Whether the thread must not read what was stored before this.
    fn hides_what_is_before<V>(&self, store: &Store<V>) -> bool {
        store.is_known(|moment| self.thread.knows(moment))
            || store
                .single_order
                .is_some_and(|count| count < self.single_order)
            || self
                .fenced
                .is_some_and(|clock| store.is_known(|moment| clock.knows(moment)))
    }
}
