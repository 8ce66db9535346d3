//! Steers threads into a deadlock that could happen: whoever is about to ask for a lock at one of its places is held back
//! until nobody else can go on (Joshi, Park, Sen and Naik, "A Randomized Dynamic Program Analysis Technique for Detecting
//! Real Deadlocks", 2009).
//!
//! By then the others have most likely come to their places of the ring, each with the lock that the next one asks for.

use model::site::Site;

use super::{Options, Strategy, View};
use crate::op::{Act, Tid};
use crate::rng::Rng;

/// See the module.
#[derive(Debug)]
pub struct Steer {
    rng: Rng,
    places: Vec<Site>,
    /// The operations that were held back long enough: each thread's, by its number among those of the thread.
    released: Vec<(Tid, u32)>,
}

impl Steer {
    /// Holds threads back at these places.
    #[must_use]
    pub fn new(places: Vec<Site>) -> Self {
        Self {
            rng: Rng::new(0),
            places,
            released: Vec::new(),
        }
    }

    fn is_held_back(&self, view: &View<'_>, tid: Tid) -> bool {
        let op = view.op(tid);
        let is_at = |place: &Site| {
            op.site.is_some_and(|site| {
                (site.line(), site.column()) == (place.line, place.column)
                    && site.file() == place.file
            })
        };
        matches!(op.act, Act::Lock(_))
            && self.places.iter().any(is_at)
            && !self.released.contains(&moment(view, tid))
    }
}

fn moment(view: &View<'_>, tid: Tid) -> (Tid, u32) {
    (tid, view.world.thread(tid).steps)
}

impl Strategy for Steer {
    fn begin(&mut self, seed: u64) -> bool {
        self.rng = Rng::new(seed);
        self.released.clear();
        true
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        let is_free = |tid: &Tid| !self.is_held_back(view, *tid);
        let free: Vec<Tid> = view.runnable.iter().copied().filter(is_free).collect();
        if !free.is_empty() {
            return *self.rng.pick(&free);
        }
        let released = *self.rng.pick(view.runnable);
        self.released.push(moment(view, released));
        released
    }

    fn choose_option(&mut self, options: &Options<'_>) -> usize {
        options.draw(&mut self.rng)
    }
}
