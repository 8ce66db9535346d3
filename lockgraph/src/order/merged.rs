//! The lock-order graph by class of lock: what remains when the locks are gone.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use model::event::{Attempt, Mode};
use model::graph;
use model::kind::Kind;
use model::site::{Caller, Origin, Site};

use crate::order::occurrence::{Actor, Occurrence};

/// How many occurrences an edge between classes keeps.
const OCCURRENCES: usize = 8;

/// Classes, and the orders in which their locks were taken.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    classes: Vec<Class>,
    by_origin: FxHashMap<(Origin, Kind), u32>,
    edges: FxHashMap<(u32, u32), Edge>,
}

#[derive(Debug)]
struct Class {
    origin: Origin,
    kind: Kind,
    used: Caller,
}

#[derive(Debug, Default)]
struct Edge {
    count: u64,
    occurrences: Vec<Seen>,
}

/// One way in which an order of classes was seen.
#[derive(Debug)]
struct Seen {
    actor: Arc<Actor>,
    hold: Caller,
    acquire: Caller,
    held: Mode,
    asked: Mode,
    attempt: Attempt,
    /// The classes of the other locks held alone, sorted.
    gates: Vec<u32>,
}

impl Merged {
    /// The number of a class.
    pub(crate) fn class(&mut self, origin: Origin, kind: Kind, used: Caller) -> u32 {
        *self.by_origin.entry((origin, kind)).or_insert_with(|| {
            self.classes.push(Class { origin, kind, used });
            u32::try_from(self.classes.len() - 1)
                .expect("a program has fewer than 4 billion places")
        })
    }

    /// How many edges there were between locks of these two classes.
    pub(crate) fn count(&self, classes: (u32, u32)) -> u64 {
        self.edges.get(&classes).map_or(0, |edge| edge.count)
    }

    /// Takes in an occurrence between locks of these classes; `gates` are the classes of the other locks held alone.
    pub(crate) fn add(
        &mut self,
        from: u32,
        to: u32,
        occurrence: &Occurrence,
        is_new_pair: bool,
        gates: &[u32],
    ) {
        let edge = self.edges.entry((from, to)).or_default();
        edge.count += u64::from(is_new_pair);
        if edge
            .occurrences
            .iter()
            .any(|seen| seen.covers(occurrence, gates))
        {
            return;
        }
        let place = if edge.occurrences.len() < OCCURRENCES {
            edge.occurrences.len()
        } else {
            match edge.to_give_up(occurrence, gates) {
                Some(place) => place,
                None => return,
            }
        };
        let seen = Seen::new(occurrence, gates);
        match edge.occurrences.get_mut(place) {
            Some(old) => *old = seen,
            None => edge.occurrences.push(seen),
        }
    }

    /// The graph as data, in an order that does not depend on the run.
    pub(crate) fn graph(&self, process: &str) -> graph::Graph {
        let places = self.places();
        let mut classes: Vec<(usize, &Class)> = places.iter().copied().zip(&self.classes).collect();
        classes.sort_by_key(|&(place, _)| place);
        let mut graph = graph::Graph::default();
        graph.classes = classes.into_iter().map(|(_, class)| class.data()).collect();
        graph.edges = self
            .edges
            .iter()
            .map(|(&ends, edge)| edge.data(ends, &places, process))
            .collect();
        graph.edges.sort_by_key(|edge| (edge.from, edge.to));
        graph
    }

    /// The place of each class in the graph as data.
    pub(crate) fn places(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.classes.len()).collect();
        order.sort_by_key(|&index| (self.classes[index].origin, self.classes[index].kind));
        let mut places = vec![0; order.len()];
        for (place, index) in order.into_iter().enumerate() {
            places[index] = place;
        }
        places
    }
}

impl Class {
    fn data(&self) -> graph::Class {
        let (name, created) = split(self.origin);
        graph::Class::new(self.kind.word(), name, created, Some(self.used.into()))
    }
}

/// The name and the place of making that an origin stands for.
pub(crate) fn split(origin: Origin) -> (Option<String>, Option<Site>) {
    match origin {
        Origin::Named(name) => (Some(name.to_owned()), None),
        Origin::Created(caller) => (None, Some(caller.into())),
    }
}

impl Edge {
    /// The occurrence to give up for a new one: one whose test has another, or one under more gates.
    fn to_give_up(&self, new: &Occurrence, gates: &[u32]) -> Option<usize> {
        let test = &new.actor.who.test;
        let tests = |test: &str| {
            let same = self.occurrences.iter().filter(|seen| seen.test() == test);
            same.count()
        };
        if tests(test) > 0 {
            let mut all = self.occurrences.iter();
            return all.position(|seen| seen.test() == &**test && seen.gates.len() > gates.len());
        }
        let mut all = self.occurrences.iter();
        all.position(|seen| tests(seen.test()) > 1)
    }

    fn data(&self, (from, to): (u32, u32), places: &[usize], process: &str) -> graph::Edge {
        let mut edge = graph::Edge::new(places[from as usize], places[to as usize]);
        edge.count = self.count;
        let occurrences = self.occurrences.iter();
        edge.occurrences = occurrences.map(|seen| seen.data(places, process)).collect();
        edge.occurrences.sort_by(|one, other| {
            let key = |seen: &graph::Occurrence| {
                (
                    seen.held.clone(),
                    seen.acquired.clone(),
                    seen.thread.clone(),
                )
            };
            key(one).cmp(&key(other))
        });
        edge
    }
}

impl Seen {
    fn new(occurrence: &Occurrence, gates: &[u32]) -> Self {
        Self {
            actor: Arc::clone(&occurrence.actor),
            hold: occurrence.hold,
            acquire: occurrence.acquire,
            held: occurrence.source.1,
            asked: occurrence.asked,
            attempt: occurrence.attempt,
            gates: gates.to_vec(),
        }
    }

    fn test(&self) -> &str {
        &self.actor.who.test
    }

    fn covers(&self, new: &Occurrence, gates: &[u32]) -> bool {
        self.hold == new.hold
            && self.acquire == new.acquire
            && (self.held, self.asked, self.attempt) == (new.source.1, new.asked, new.attempt)
            && self.gates.iter().all(|gate| gates.contains(gate))
            && self.test() == &*new.actor.who.test
    }

    fn data(&self, places: &[usize], process: &str) -> graph::Occurrence {
        let mut data = graph::Occurrence::default();
        data.held = self.hold.into();
        data.held_shared = self.held == Mode::Shared;
        data.acquired = self.acquire.into();
        data.acquired_shared = self.asked == Mode::Shared;
        data.tried = self.attempt == Attempt::Try;
        data.thread = self.actor.who.label();
        data.test = self.actor.who.test.to_string();
        data.process = process.to_owned();
        data.gates = self
            .gates
            .iter()
            .map(|&gate| places[gate as usize])
            .collect();
        data.gates.sort_unstable();
        data.gates.dedup();
        data
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;
    use std::sync::Arc;

    use model::clock::Segment;
    use model::event::{Attempt, Mode};
    use model::id::{LockId, ThreadId};

    use super::{Merged, OCCURRENCES};
    use crate::order::acquisition::Who;
    use crate::order::occurrence::{Actor, Occurrence};

    /// An order seen in this test.
    fn seen(test: &str) -> Occurrence {
        let who = Who::new("t".into(), test.into());
        Occurrence {
            actor: Arc::new(Actor {
                segment: Segment::root(ThreadId(1)),
                who,
            }),
            hold: Location::caller(),
            acquire: Location::caller(),
            source: (LockId(1), Mode::Exclusive),
            held: None,
            backtrace: None,
            asked: Mode::Exclusive,
            attempt: Attempt::Blocking,
            blocks: true,
        }
    }

    /// The tests and the number of gates of what is kept of these.
    fn kept(all: &[(&str, &[u32])]) -> Vec<(String, usize)> {
        let mut merged = Merged::default();
        for &(test, gates) in all {
            merged.add(0, 1, &seen(test), true, gates);
        }
        let edge = &merged.edges[&(0, 1)];
        let kept = edge.occurrences.iter();
        kept.map(|seen| (seen.test().to_owned(), seen.gates.len()))
            .collect()
    }

    #[test]
    fn an_order_is_kept_once_for_each_test() {
        let all = kept(&[("x", &[]), ("x", &[]), ("y", &[])]);
        assert_eq!(all, [("x".into(), 0), ("y".into(), 0)]);
    }

    #[test]
    fn an_order_under_more_gates_adds_nothing_and_under_fewer_does() {
        let all = kept(&[("x", &[2, 3]), ("x", &[2]), ("x", &[2, 4])]);
        assert_eq!(all, [("x".into(), 2), ("x".into(), 1)]);
    }

    #[test]
    fn a_new_test_finds_room_and_so_do_fewer_gates() {
        let mut all: Vec<(&str, &[u32])> = vec![("x", &[7, 8]), ("x", &[9])];
        let names = ["a", "b", "c", "d", "e", "f"];
        all.extend(names.map(|name| (name, [].as_slice())));
        all.push(("x", &[]));
        all.push(("y", &[]));
        let kept = kept(&all);
        assert_eq!(kept.len(), OCCURRENCES);
        assert!(kept.contains(&("y".into(), 0)), "{kept:?}");
        assert!(!kept.contains(&("x".into(), 2)), "{kept:?}");
    }
}
