//! The half that all threads share: it puts their samples together.

use model::finding::Finding;
use model::profile::Profile;

use crate::limits::Limits;
use crate::lines::Lines;
use crate::locks::Locks;
pub use crate::population::Being;
use crate::population::Population;
use crate::queues::Queues;
use crate::sample::{Nanos, Sample, Spot};
use crate::waits::Waits;

/// What is known of a process.
#[derive(Debug)]
pub struct Shared {
    limits: Limits,
    locks: Locks,
    waits: Waits,
    queues: Queues,
    lines: Lines,
    population: Population,
}

impl Shared {
    /// A process of which nothing is known yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            locks: Locks::default(),
            waits: Waits::default(),
            queues: Queues::default(),
            lines: Lines::default(),
            population: Population::new(),
        }
    }

    /// Takes in what a thread tells.
    pub fn add(&mut self, sample: Sample) {
        match sample {
            Sample::Held(held) => self.locks.add(&held, &self.limits),
            Sample::Blocked {
                site,
                why,
                kind,
                time,
            } => self.waits.add(site, why, kind, time),
            Sample::Put(put) => self.queues.put(put),
            Sample::Taken {
                channel,
                created,
                bound,
                at,
            } => self.queues.taken(channel, created, bound, at),
            Sample::Gone { channel } => self.queues.gone(channel),
            Sample::Written(writes) => self.lines.add(writes),
        }
    }

    /// A thread or task begins that was started there.
    pub fn start(&mut self, being: Being, site: Option<Spot>, now: Nanos) {
        self.population.start(being, site, now);
    }

    /// One ends that was started there.
    pub fn end(&mut self, being: Being, site: Option<Spot>, now: Nanos) {
        self.population.end(being, site, now);
    }

    /// All that is known, at this moment.
    #[must_use]
    pub fn profile(&self, now: Nanos) -> Profile {
        let mut told = Profile::new();
        told.locks = self.locks.rows();
        told.blocked = self.waits.rows();
        told.queues = self.queues.rows();
        told.lines = self.lines.rows();
        told.places = self.population.places();
        told.populations = vec![self.population.over_time(now)];
        // One place in the source may have come by several addresses.
        let mut profile = Profile::new();
        profile.merge(told);
        profile
    }

    /// What is past the limits.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let limits = &self.limits;
        let mut findings = self.locks.findings(limits);
        findings.extend(self.queues.findings(limits));
        findings.extend(self.lines.findings(limits));
        findings.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
        findings.dedup_by(|a, b| a.fingerprint == b.fingerprint);
        findings
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use model::kind::Kind;
    use model::profile::Why;

    use super::{Being, Shared};
    use crate::limits::Limits;
    use crate::sample::{Sample, Spot};

    #[test]
    fn nothing_is_an_empty_profile() {
        let shared = Shared::new(Limits::default());
        assert!(shared.findings().is_empty());
        let profile = shared.profile(0);
        assert!(profile.locks.is_empty() && profile.places.is_empty());
        assert_eq!(profile.populations[0].threads, [0]);
    }

    #[test]
    fn a_hundred_threads_of_one_place_are_one_row() {
        let mut shared = Shared::new(Limits::default());
        let here = Spot(Location::caller());
        for thread in 0..100 {
            shared.start(Being::Thread, Some(here), thread);
            let (why, kind) = (Why::End, Kind::Thread);
            let time = u64::MAX;
            shared.add(Sample::Blocked {
                site: here,
                why,
                kind,
                time,
            });
        }
        let profile = shared.profile(100);
        assert_eq!((profile.places[0].most, profile.places.len()), (100, 1));
        assert_eq!(profile.blocked[0].time.count, 100);
        assert_eq!(profile.blocked[0].time.sum, u64::MAX);
    }
}
