//! Deadlocks that another order of a run would show.
//!
//! **Follows** Tunç, Mathur, Pavlogiannis and Viswanathan, *Sound dynamic deadlock prediction in linear time* (PLDI 2023).
//!
//! **Finds** exactly the deadlocks that a reordering of the run reaches that keeps the order of critical sections of each
//! lock; of those with the same threads, locks and locks held, the first.
//!
//! **Misses** deadlocks that need two critical sections to swap or another branch of the program, and those with a request
//! for a read lock. Patterns beyond a bound on the search are left out, and that is told.
//!
//! **False alarms**: none, as long as the program does what it did when its reads read what they read.

use rustc_hash::FxHashMap;

use crate::predict::history::{History, Point, Section};
use crate::predict::ideal::Ideal;

/// A thread that asks for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// Its place in the trace.
    pub line: u64,
    /// Who.
    pub thread: u32,
    /// For what.
    pub lock: u32,
    /// Where in the source.
    pub site: u32,
    /// Where it took the lock that the one before it in the ring asks for.
    pub holds_since: u32,
    /// The same as a place in the trace.
    pub held_line: u64,
}

/// Threads of which each asks for a lock that the next one holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deadlock {
    /// One request of each thread.
    pub requests: Vec<Request>,
}

/// What was predicted.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Outcome {
    /// The deadlocks.
    pub deadlocks: Vec<Deadlock>,
    /// Whether all patterns were looked at.
    pub is_complete: bool,
}

/// How many steps the search for patterns may take.
const STEPS: u64 = 5_000_000;

/// Predicts deadlocks.
#[must_use]
pub fn predict(history: &History) -> Outcome {
    let kinds = kinds(history);
    let mut search = Search {
        history,
        holders: holders(&kinds),
        kinds: &kinds,
        steps: 0,
        deadlocks: Vec::new(),
    };
    for start in 0..kinds.len() {
        search.extend(&mut vec![start]);
    }
    Outcome {
        is_complete: search.steps < STEPS,
        deadlocks: search.deadlocks,
    }
}

/// Requests of one thread for one lock with the same locks held: an abstract acquire.
struct Kind<'a> {
    thread: u32,
    lock: u32,
    held: Vec<u32>,
    requests: Vec<&'a Section>,
}

fn kinds(history: &History) -> Vec<Kind<'_>> {
    let mut kinds: Vec<Kind<'_>> = Vec::new();
    let mut known: FxHashMap<(u32, u32, Vec<u32>), usize> = FxHashMap::default();
    let nested = history.sections.iter();
    for section in nested.filter(|section| section.waits && !section.within.is_empty()) {
        let outer = section.within.iter();
        let mut held: Vec<u32> = outer.map(|&outer| history.sections[outer].lock).collect();
        held.sort_unstable();
        let (thread, lock) = (section.begin.thread, section.lock);
        let number = *known
            .entry((thread, lock, held.clone()))
            .or_insert_with(|| {
                kinds.push(Kind {
                    thread,
                    lock,
                    held,
                    requests: Vec::new(),
                });
                kinds.len() - 1
            });
        kinds[number].requests.push(section);
    }
    kinds
}

/// Per lock, the kinds of requests made with it held.
fn holders(kinds: &[Kind<'_>]) -> FxHashMap<u32, Vec<usize>> {
    let mut holders: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
    for (number, kind) in kinds.iter().enumerate() {
        for &lock in &kind.held {
            holders.entry(lock).or_default().push(number);
        }
    }
    holders
}

struct Search<'a> {
    history: &'a History,
    kinds: &'a [Kind<'a>],
    holders: FxHashMap<u32, Vec<usize>>,
    steps: u64,
    deadlocks: Vec<Deadlock>,
}

impl Search<'_> {
    /// Tries every way on from the last of these kinds, each of which asks for a lock that the next one holds. A ring
    /// begins with its lowest number, so that it is found once.
    fn extend(&mut self, path: &mut Vec<usize>) {
        let last = path[path.len() - 1];
        if path.len() > 1 && self.kinds[path[0]].held.contains(&self.kinds[last].lock) {
            self.deadlocks.extend(self.confirm(path));
        }
        let Some(next) = self.holders.get(&self.kinds[last].lock).cloned() else {
            return;
        };
        for number in next {
            self.steps += 1;
            if self.steps >= STEPS {
                return;
            }
            if number > path[0] && path.iter().all(|&other| self.can_meet(other, number)) {
                path.push(number);
                self.extend(path);
                path.pop();
            }
        }
    }

    /// Whether two threads can be at these requests together.
    fn can_meet(&self, one: usize, other: usize) -> bool {
        let (one, other) = (&self.kinds[one], &self.kinds[other]);
        one.thread != other.thread
            && one.lock != other.lock
            && !one.held.iter().any(|lock| other.held.contains(lock))
    }

    /// Looks for requests of these kinds that can come next together. What leads to them only grows, and a request that
    /// is in it is in it for all later ones.
    fn confirm(&self, path: &[usize]) -> Option<Deadlock> {
        let mut ideal = Ideal::new(self.history);
        let mut places = vec![0; path.len()];
        loop {
            for (&kind, place) in path.iter().zip(&places) {
                ideal.lead_to(self.request(kind, *place)?);
            }
            let mut all = true;
            for (&kind, place) in path.iter().zip(&mut places) {
                while ideal.has(self.request(kind, *place)?) {
                    *place += 1;
                    all = false;
                }
            }
            if all {
                return Some(self.deadlock(path, &places));
            }
        }
    }

    fn request(&self, kind: usize, place: usize) -> Option<&Point> {
        let section = self.kinds[kind].requests.get(place)?;
        Some(&section.begin)
    }

    fn deadlock(&self, path: &[usize], places: &[usize]) -> Deadlock {
        let sections = path.iter().zip(places);
        let sections: Vec<&Section> = sections
            .map(|(&kind, &place)| self.kinds[kind].requests[place])
            .collect();
        let before = sections.iter().cycle().skip(sections.len() - 1);
        let requests = sections.iter().zip(before).map(|(section, before)| {
            let mut outer = section
                .within
                .iter()
                .map(|&outer| &self.history.sections[outer]);
            let held = outer.find(|outer| outer.lock == before.lock);
            let held = held.map_or(&section.begin, |held| &held.begin);
            Request {
                line: section.begin.line,
                thread: section.begin.thread,
                lock: section.lock,
                site: section.begin.site,
                holds_since: held.site,
                held_line: held.line,
            }
        });
        Deadlock {
            requests: requests.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

    use super::predict;
    use crate::event::Event;
    use crate::made::traces;
    use crate::notation;
    use crate::oracle::{Reorderings, truth};
    use crate::predict::history::History;

    fn deadlocks(events: &[Event]) -> BTreeSet<Vec<usize>> {
        let mut history = History::default();
        events.iter().for_each(|event| history.observe(event));
        let outcome = predict(&history);
        assert!(outcome.is_complete);
        let deadlocks = outcome.deadlocks.iter().map(|deadlock| {
            let mut events: Vec<usize> = deadlock
                .requests
                .iter()
                .map(|request| request.line as usize)
                .collect();
            events.sort_unstable();
            events
        });
        deadlocks.collect()
    }

    /// Numbers of the steps, from 1.
    fn check(trace: &str, expected: &[&[usize]]) {
        let (events, _) = notation::parse(trace);
        let found = deadlocks(&events);
        let said: Vec<Vec<usize>> = found.into_iter().collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn opposite_orders_deadlock() {
        check(
            "t1: acq(a) acq(b) rel(b) rel(a); t2: acq(b) acq(a) rel(a) rel(b)",
            &[&[2, 6]],
        );
    }

    #[test]
    fn a_try_does_not_wait() {
        check(
            "t1: acq(a) acq(b) rel(b) rel(a); t2: acq(b) try(a) rel(a) rel(b)",
            &[],
        );
        check(
            "t1: try(a) acq(b) rel(b) rel(a); t2: try(b) acq(a) rel(a) rel(b)",
            &[&[2, 6]],
        );
    }

    #[test]
    fn a_ring_of_three_deadlocks() {
        check(
            "t1: acq(a) acq(b) rel(b) rel(a); t2: acq(b) acq(c) rel(c) rel(b); t3: acq(c) acq(a) rel(a) rel(c)",
            &[&[2, 6, 10]],
        );
    }

    #[test]
    fn gates_threads_and_values_keep_threads_apart() {
        check(
            "t1: acq(g) acq(a) acq(b) rel(b) rel(a) rel(g); t2: acq(g) acq(b) acq(a) rel(a) rel(b) rel(g)",
            &[],
        );
        check(
            "t1: acq(a) acq(b) rel(b) rel(a) acq(b) acq(a) rel(a) rel(b)",
            &[],
        );
        check(
            "t1: acq(a) acq(b) rel(b) rel(a) fork(t2); t2: acq(b) acq(a) rel(a) rel(b)",
            &[],
        );
        // The second thread goes on only when the first is done.
        check(
            "t1: acq(a) acq(b) rel(b) rel(a) w(done); t2: r(done) acq(b) acq(a) rel(a) rel(b)",
            &[],
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn deadlocks_are_those_of_all_sync_preserving_reorderings(events in traces(3, 20)) {
            let exact = truth(&events, Reorderings::SyncPreserving).deadlocks;
            let found = deadlocks(&events);
            prop_assert!(found.is_subset(&exact), "{found:?} of {exact:?}");
            prop_assert_eq!(found.is_empty(), exact.is_empty(), "{:?} of {:?}", &found, &exact);
        }
    }
}
