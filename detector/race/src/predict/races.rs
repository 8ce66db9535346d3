//! Races that another order of critical sections' parts would show.
//!
//! **Follows** Mathur, Pavlogiannis and Viswanathan, *Optimal prediction of synchronization-preserving races* (POPL 2021).
//!
//! **Finds** exactly the pairs of conflicting accesses that can come next together in a reordering of the run that keeps
//! the order of critical sections of each lock; of the pairs with one later access per thread the first.
//!
//! **Misses** races that need two critical sections to swap, or another branch of the program. Operations on atomics,
//! channels and meetings, and sections of readers, stay in the order of the run.
//!
//! **False alarms**: none, as long as the program does what it did when its reads read what they read.

use crate::predict::history::{Access, History};
use crate::predict::ideal::Ideal;
use crate::shadow::Does;

/// An access of a predicted race.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Side {
    /// Its place in the trace.
    pub line: u64,
    /// Who.
    pub thread: u32,
    /// What it does.
    pub does: Does,
    /// Where in the source.
    pub site: u32,
}

/// Two accesses that can come next together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Predicted {
    /// The value.
    pub value: u32,
    /// The one that came first in the run.
    pub earlier: Side,
    /// The other.
    pub later: Side,
}

/// Tells `found` of every predicted race.
pub fn predict(history: &History, mut found: impl FnMut(Predicted)) {
    for (value, accesses) in history.values.iter().enumerate() {
        let lanes = lanes(accesses);
        for (first, earlier) in lanes.iter().enumerate() {
            for (second, later) in lanes.iter().enumerate() {
                let conflict = earlier.writes || later.writes;
                if first != second && conflict && earlier.thread != later.thread {
                    meet(history, value as u32, earlier, later, &mut found);
                }
            }
        }
    }
}

/// The accesses of one kind by one thread.
struct Lane<'a> {
    thread: u32,
    writes: bool,
    accesses: Vec<&'a Access>,
}

fn lanes(accesses: &[Access]) -> Vec<Lane<'_>> {
    let mut lanes: Vec<Lane<'_>> = Vec::new();
    for access in accesses {
        let (thread, writes) = (access.at.thread, access.writes);
        match lanes
            .iter_mut()
            .find(|lane| lane.thread == thread && lane.writes == writes)
        {
            Some(lane) => lane.accesses.push(access),
            None => lanes.push(Lane {
                thread,
                writes,
                accesses: vec![access],
            }),
        }
    }
    lanes
}

/// Looks for the first partner of each later access. The closure of what leads to a pair only grows along both lanes,
/// and an access that is in it is in it for all later pairs.
fn meet(
    history: &History,
    value: u32,
    earlier: &Lane<'_>,
    later: &Lane<'_>,
    found: &mut impl FnMut(Predicted),
) {
    let mut ideal = Ideal::new(history);
    let mut candidates = earlier.accesses.iter().peekable();
    for second in &later.accesses {
        let mut leads = false;
        while let Some(first) = candidates.peek() {
            if first.at.line > second.at.line {
                break;
            }
            if !leads {
                ideal.lead_to(&second.at);
                leads = true;
            }
            ideal.lead_to(&first.at);
            if !ideal.has(&first.at) {
                found(Predicted {
                    value,
                    earlier: side(first),
                    later: side(second),
                });
                break;
            }
            candidates.next();
        }
    }
}

fn side(access: &Access) -> Side {
    Side {
        line: access.at.line,
        thread: access.at.thread,
        does: if access.writes {
            Does::Writes
        } else {
            Does::Reads
        },
        site: access.at.site,
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

    fn races(events: &[Event]) -> BTreeSet<(usize, usize)> {
        let mut history = History::default();
        events.iter().for_each(|event| history.observe(event));
        let mut races = BTreeSet::new();
        predict(&history, |race| {
            races.insert((race.earlier.line as usize, race.later.line as usize));
        });
        races
    }

    /// Numbers of the steps, from 1.
    fn check(trace: &str, expected: &[(usize, usize)]) {
        let (events, _) = notation::parse(trace);
        let races = races(&events);
        let said: Vec<_> = races.iter().map(|&(a, b)| (a, b)).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn a_race_hidden_by_the_order_of_two_critical_sections_is_found() {
        check("t1: w(x) acq(l) rel(l); t2: acq(l) rel(l) w(x)", &[(1, 6)]);
    }

    #[test]
    fn a_value_handed_over_in_critical_sections_orders() {
        check(
            "t1: w(x) acq(l) w(y) rel(l); t2: acq(l) r(y) rel(l) w(x)",
            &[],
        );
    }

    #[test]
    fn sections_that_would_have_to_swap_are_left_alone() {
        check("t1: acq(l) w(x) rel(l); t2: acq(l) rel(l) r(x)", &[]);
        check(
            "t1: acq(l) rel(l) w(x); t2: w(y) acq(l) w(x) rel(l)",
            &[(3, 6)],
        );
    }

    #[test]
    fn atomics_channels_and_meetings_stay_in_order() {
        check("t1: w(x) store(a,rlx); t2: load(a,rlx) r(x)", &[]);
        check("t1: w(x) send(c); t2: recv(c) r(x)", &[]);
        check("t1: w(x) arrive(b); t2: arrive(b) leave(b) r(x)", &[]);
        check("t1: send(c) w(x); t2: recv(c) r(x)", &[(2, 4)]);
    }

    #[test]
    fn sections_of_readers_that_overlap_make_no_alarm() {
        check(
            "t1: acqr(l) r(x); t2: acqr(l) r(x) relr(l) acq(m) w(x) rel(m); t1: relr(l)",
            &[],
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]

        #[test]
        fn the_racy_events_are_those_of_all_sync_preserving_reorderings(events in traces(3, 16)) {
            let found = races(&events);
            let exact = truth(&events, Reorderings::SyncPreserving).races;
            prop_assert!(found.is_subset(&exact), "{found:?} of {exact:?}");
            let later = |races: &BTreeSet<(usize, usize)>| -> BTreeSet<usize> {
                races.iter().map(|&(_, later)| later).collect()
            };
            prop_assert_eq!(later(&found), later(&exact));
        }

        #[test]
        fn every_race_is_one(events in traces(4, 14)) {
            let exact = truth(&events, Reorderings::All).races;
            let found = races(&events);
            prop_assert!(found.is_subset(&exact), "{found:?} of {exact:?}");
        }
    }
}
