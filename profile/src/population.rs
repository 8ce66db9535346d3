//! Threads and tasks: how many there are at what time, and where they were started.

use model::profile::{Place, Population as Told};
use model::site::Site;
use rustc_hash::FxHashMap;

use crate::sample::{Nanos, Spot};
use crate::slots::{Slot, Slots};

/// What somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Being {
    /// A thread of the operating system.
    Thread,
    /// A task of an asynchronous runtime.
    Task,
}

/// How many live.
#[derive(Debug)]
pub(crate) struct Population {
    places: FxHashMap<(Being, Option<Spot>), Count>,
    all: [u64; 2],
    slots: Slots<Level>,
}

/// Those of one place.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    started: u64,
    living: u64,
    most: u64,
}

/// How many threads and tasks there were in a slot of time: the most, and in the end.
#[derive(Clone, Copy, Debug, Default)]
struct Level {
    most: [u64; 2],
    last: [u64; 2],
}

impl Slot for Level {
    fn join(&mut self, later: Self) {
        for (most, &one) in self.most.iter_mut().zip(&later.most) {
            *most = one.max(*most);
        }
        self.last = later.last;
    }

    fn next(&self) -> Self {
        Self {
            most: self.last,
            last: self.last,
        }
    }
}

impl Population {
    pub(crate) fn new() -> Self {
        Self {
            places: FxHashMap::default(),
            all: [0; 2],
            slots: Slots::new(),
        }
    }

    /// One begins that was started there.
    pub(crate) fn start(&mut self, being: Being, site: Option<Spot>, now: Nanos) {
        let count = self.places.entry((being, site)).or_default();
        count.started += 1;
        count.living += 1;
        count.most = count.most.max(count.living);
        self.all[being as usize] += 1;
        self.note(now);
    }

    /// One ends that was started there.
    pub(crate) fn end(&mut self, being: Being, site: Option<Spot>, now: Nanos) {
        let count = self.places.entry((being, site)).or_default();
        if count.living > 0 {
            count.living -= 1;
            self.all[being as usize] -= 1;
            self.note(now);
        }
    }

    fn note(&mut self, now: Nanos) {
        let all = self.all;
        let level = self.slots.at(now);
        level.last = all;
        for (most, one) in level.most.iter_mut().zip(all) {
            *most = one.max(*most);
        }
    }

    /// How many there were until now.
    pub(crate) fn over_time(&self, now: Nanos) -> Told {
        let mut slots = self.slots.clone();
        slots.at(now);
        let most = |being: Being| {
            let levels = slots.all().iter();
            levels.map(|level| level.most[being as usize]).collect()
        };
        Told::new(now, slots.width(), most(Being::Thread), most(Being::Task))
    }

    pub(crate) fn places(&self) -> Vec<Place> {
        let rows = self.places.iter().map(|(&(being, site), count)| {
            let mut row = Place::new(site.map(Site::from), being == Being::Task);
            (row.started, row.most, row.left) = (count.started, count.most, count.living);
            row
        });
        rows.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use proptest::prelude::*;

    use super::{Being, Population};
    use crate::sample::Spot;

    const MILLI: u64 = 1 << 20;

    #[test]
    fn threads_and_tasks_are_counted_apart() {
        let here = Some(Spot(Location::caller()));
        let mut population = Population::new();
        population.start(Being::Thread, None, 0);
        population.start(Being::Task, here, MILLI);
        population.start(Being::Task, here, MILLI + 1);
        population.end(Being::Task, here, 2 * MILLI);
        let told = population.over_time(4 * MILLI);
        assert_eq!(told.threads, [1, 1, 1, 1, 1]);
        assert_eq!(told.tasks, [0, 2, 2, 1, 1]);
        let places = population.places();
        let tasks = places.iter().find(|place| place.tasks).unwrap();
        assert_eq!((tasks.started, tasks.most, tasks.left), (2, 2, 1));
    }

    #[test]
    fn nobody_ends_who_did_not_begin() {
        let mut population = Population::new();
        population.end(Being::Thread, None, 5);
        assert_eq!(population.over_time(5).threads, [0]);
    }

    proptest! {
        /// Lives of threads, as their beginning and length, against counting them at each moment.
        #[test]
        fn slots_have_the_most_that_lived_in_them(
            lives in proptest::collection::vec((0_u64..40, 1_u64..20), 0..30),
        ) {
            let mut events: Vec<(u64, bool)> = lives
                .iter()
                .flat_map(|&(start, length)| [(start, true), (start + length, false)])
                .collect();
            // Those who end at a moment do so after the others have begun.
            events.sort_by_key(|&(moment, begins)| (moment, !begins));
            let mut population = Population::new();
            for (moment, begins) in events {
                if begins {
                    population.start(Being::Thread, None, moment * MILLI);
                } else {
                    population.end(Being::Thread, None, moment * MILLI);
                }
            }
            let told = population.over_time(60 * MILLI);
            for (moment, &most) in told.threads.iter().enumerate() {
                let moment = moment as u64;
                let living = lives
                    .iter()
                    .filter(|&&(start, length)| start <= moment && moment <= start + length);
                prop_assert_eq!(living.count() as u64, most);
            }
        }
    }
}
