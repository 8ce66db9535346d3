//! The truth about a small program, from the axioms of C++20: every assignment of stores to loads, and every order of the
//! stores of each atomic, is tried, and kept if nothing in it is forbidden. Slow and obvious.
//!
//! Of the standard: \[intro.races\] for happens-before and coherence, \[atomics.order\] for the single order of `SeqCst`
//! operations, \[atomics.fences\] for fences. Out of thin air nothing comes: what is read was stored before, by the order
//! of threads and of reads together (Lahav and others, *Repairing sequential consistency in C/C++11*, PLDI 2017).

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use super::program::{Act, Outcome, Program, Step};
use crate::location::{acquires, releases};

/// Which executions count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// All that the standard allows, as repaired: without load buffering.
    Repaired,
    /// Those that can be carried out in an order that is also that of stores and of `SeqCst` operations.
    Followed,
}

/// Every outcome that the axioms allow.
pub(super) fn outcomes(program: &Program, scope: Scope) -> BTreeSet<Outcome> {
    let mut all = BTreeSet::new();
    let events = Events::new(program);
    events.each_reading(&mut |reading| {
        events.each_modification_order(reading, &mut |orders| {
            let execution = Execution::new(&events, reading, orders);
            if execution.is_some_and(|execution| execution.is_allowed(scope)) {
                all.insert(events.outcome(reading, orders));
            }
        });
    });
    all
}

/// The steps of all threads, behind the first stores of all atomics.
struct Events {
    list: Vec<Event>,
    places: usize,
    threads: usize,
}

#[derive(Clone, Copy)]
struct Event {
    /// `None` for a first store.
    thread: Option<usize>,
    step: Step,
}

/// Of each event that reads, the one it reads from.
type Reading = [Option<usize>];

impl Events {
    fn new(program: &Program) -> Self {
        let places = program.places();
        let first = |place| Event {
            thread: None,
            step: Step {
                act: Act::Store(0),
                order: Ordering::Relaxed,
                place,
            },
        };
        let mut list: Vec<Event> = (0..places).map(first).collect();
        for (number, thread) in program.0.iter().enumerate() {
            list.extend(thread.iter().map(|&step| Event {
                thread: Some(number),
                step,
            }));
        }
        Self {
            list,
            places,
            threads: program.0.len(),
        }
    }

    fn each_reading(&self, f: &mut dyn FnMut(&Reading)) {
        self.each_reading_from(0, &mut vec![None; self.list.len()], f);
    }

    fn each_reading_from(
        &self,
        event: usize,
        reading: &mut Vec<Option<usize>>,
        f: &mut dyn FnMut(&Reading),
    ) {
        if event == self.list.len() {
            let is_sound = |from: usize| self.written(reading, from).is_some();
            if reading.iter().flatten().all(|&from| is_sound(from)) {
                f(reading);
            }
            return;
        }
        let step = self.list[event].step;
        if !step.reads() {
            return self.each_reading_from(event + 1, reading, f);
        }
        for from in 0..self.list.len() {
            let other = self.list[from].step;
            let may_write = other.act != Act::Fence && other.act != Act::Load;
            if from != event && may_write && other.place == step.place {
                reading[event] = Some(from);
                self.each_reading_from(event + 1, reading, f);
            }
        }
        reading[event] = None;
    }

    /// What an event stores, if it does.
    fn written(&self, reading: &Reading, event: usize) -> Option<u8> {
        match self.list[event].step.act {
            Act::Store(value) | Act::Swap(value) => Some(value),
            Act::Exchange { from, to, .. } => {
                (self.stored_value(reading[event]?) == from).then_some(to)
            }
            Act::Load | Act::Fence => None,
        }
    }

    /// What an event stores if it does.
    fn stored_value(&self, event: usize) -> u8 {
        match self.list[event].step.act {
            Act::Store(value) | Act::Swap(value) | Act::Exchange { to: value, .. } => value,
            Act::Load | Act::Fence => unreachable!("it stores nothing"),
        }
    }

    fn each_modification_order(&self, reading: &Reading, f: &mut dyn FnMut(&[Vec<usize>])) {
        let stores = |place: usize| -> Vec<usize> {
            let is_one = |&event: &usize| {
                self.list[event].thread.is_some()
                    && self.list[event].step.place == place
                    && self.written(reading, event).is_some()
            };
            (0..self.list.len()).filter(is_one).collect()
        };
        let stores: Vec<Vec<usize>> = (0..self.places).map(stores).collect();
        let mut orders = Vec::new();
        each_product(&stores, &mut orders, f);
    }

    fn outcome(&self, reading: &Reading, orders: &[Vec<usize>]) -> Outcome {
        let mut read = vec![Vec::new(); self.threads];
        for (event, from) in reading.iter().enumerate() {
            if let (Some(thread), Some(from)) = (self.list[event].thread, from) {
                read[thread].push(self.stored_value(*from));
            }
        }
        let last = |order: &Vec<usize>| order.last().map_or(0, |&event| self.stored_value(event));
        Outcome {
            read,
            left: orders.iter().map(last).collect(),
        }
    }
}

/// Every choice of one permutation of each of these; the first stores come first.
fn each_product(
    stores: &[Vec<usize>],
    chosen: &mut Vec<Vec<usize>>,
    f: &mut dyn FnMut(&[Vec<usize>]),
) {
    let Some(place) = stores.get(chosen.len()) else {
        return f(chosen);
    };
    let first = chosen.len();
    for permutation in permutations(place) {
        chosen.push([vec![first], permutation].concat());
        each_product(stores, chosen, f);
        chosen.pop();
    }
}

fn permutations(items: &[usize]) -> Vec<Vec<usize>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (place, &item) in items.iter().enumerate() {
        let rest = [&items[..place], &items[place + 1..]].concat();
        all.extend(
            permutations(&rest)
                .into_iter()
                .map(|tail| [vec![item], tail].concat()),
        );
    }
    all
}

/// A relation between events.
#[derive(Clone)]
struct Relation(Vec<Vec<bool>>);

impl Relation {
    fn of(count: usize, holds: impl Fn(usize, usize) -> bool) -> Self {
        let row = |a| (0..count).map(|b| holds(a, b)).collect();
        Self((0..count).map(row).collect())
    }

    fn holds(&self, a: usize, b: usize) -> bool {
        self.0[a][b]
    }

    fn or(&self, other: &Self) -> Self {
        Self::of(self.0.len(), |a, b| self.holds(a, b) || other.holds(a, b))
    }

    fn then(&self, other: &Self) -> Self {
        let count = self.0.len();
        Self::of(count, |a, b| {
            (0..count).any(|c| self.holds(a, c) && other.holds(c, b))
        })
    }

    fn closure(&self) -> Self {
        let mut closed = self.clone();
        for middle in 0..self.0.len() {
            for a in 0..self.0.len() {
                for b in 0..self.0.len() {
                    closed.0[a][b] |= closed.0[a][middle] && closed.0[middle][b];
                }
            }
        }
        closed
    }

    fn is_acyclic(&self) -> bool {
        let closed = self.closure();
        (0..self.0.len()).all(|event| !closed.holds(event, event))
    }
}

/// Events with the relations that an execution gives them.
struct Execution<'e> {
    events: &'e Events,
    sequenced: Relation,
    reads_from: Relation,
    modified: Relation,
    /// A read, and what was stored after what it read.
    before_read: Relation,
    happens_before: Relation,
    /// Whether an event reads and writes in one step.
    updates: Vec<bool>,
}

impl<'e> Execution<'e> {
    /// `None` if something is read before it is written.
    fn new(events: &'e Events, reading: &'e Reading, orders: &'e [Vec<usize>]) -> Option<Self> {
        let count = events.list.len();
        let thread = |event: usize| events.list[event].thread;
        let sequenced = Relation::of(count, |a, b| match (thread(a), thread(b)) {
            (None, Some(_)) => true,
            (one, other) => a < b && one == other && one.is_some(),
        });
        let reads_from = Relation::of(count, |a, b| reading[b] == Some(a));
        if !sequenced.or(&reads_from).is_acyclic() {
            return None;
        }
        let rank = |event: usize| {
            orders
                .iter()
                .find_map(|order| order.iter().position(|&other| other == event))
        };
        let same_place =
            |a: usize, b: usize| events.list[a].step.place == events.list[b].step.place;
        let is_store = |event: usize| rank(event).is_some();
        let modified = Relation::of(count, |a, b| {
            is_store(a) && is_store(b) && same_place(a, b) && rank(a) < rank(b)
        });
        let before_read = Relation::of(count, |a, b| {
            a != b && reading[a].is_some_and(|from| modified.holds(from, b))
        });
        let updates = (0..count)
            .map(|event| is_store(event) && reading[event].is_some())
            .collect();
        let mut execution = Self {
            events,
            happens_before: sequenced.clone(),
            sequenced,
            reads_from,
            modified,
            before_read,
            updates,
        };
        let synchronizes = Relation::of(count, |a, b| execution.synchronizes(a, b));
        execution.happens_before = execution.sequenced.or(&synchronizes).closure();
        Some(execution)
    }

    fn count(&self) -> usize {
        self.events.list.len()
    }

    fn is_fence(&self, event: usize) -> bool {
        self.events.list[event].step.act == Act::Fence
    }

    /// The ordering that an event really has: that of its failure, if it is a comparison that failed.
    fn order(&self, event: usize) -> Ordering {
        match self.events.list[event].step {
            Step {
                act: Act::Exchange { failure, .. },
                ..
            } if !self.updates[event] => failure,
            step => step.order,
        }
    }

    fn is_single(&self, event: usize) -> bool {
        self.order(event) == Ordering::SeqCst
    }

    /// Whether a release by one event, an operation or a fence, is acquired by another.
    fn synchronizes(&self, a: usize, b: usize) -> bool {
        let heads = (0..self.count()).filter(|&head| self.is_released_by(head, a));
        heads.into_iter().any(|head| {
            (0..self.count()).any(|read| self.is_acquired_by(read, b) && self.follows(head, read))
        })
    }

    /// Whether a store begins a release sequence that this event releases.
    fn is_released_by(&self, head: usize, by: usize) -> bool {
        let stores = self.modified.0[head].contains(&true)
            || (0..self.count()).any(|other| self.modified.holds(other, head));
        let stores = stores || self.reads_from.0[head].contains(&true);
        stores
            && self.events.list[head].thread.is_some()
            && (head == by && releases(self.order(by))
                || self.is_fence(by) && releases(self.order(by)) && self.sequenced.holds(by, head))
    }

    fn is_acquired_by(&self, read: usize, by: usize) -> bool {
        read == by && acquires(self.order(by))
            || self.is_fence(by) && acquires(self.order(by)) && self.sequenced.holds(read, by)
    }

    /// Whether an event reads from the release sequence of a store: from it, or from a chain of updates behind it.
    fn follows(&self, head: usize, read: usize) -> bool {
        (0..self.count()).any(|from| {
            self.reads_from.holds(from, read)
                && (from == head || self.updates[from] && self.follows_before(head, from, read))
        })
    }

    fn follows_before(&self, head: usize, update: usize, read: usize) -> bool {
        update != read && self.modified.holds(head, update) && self.follows(head, update)
    }

    fn is_allowed(&self, scope: Scope) -> bool {
        if !self.is_coherent() || !self.is_atomic() {
            return false;
        }
        let single = self.single_order();
        let all = self.sequenced.or(&self.reads_from).or(&self.modified);
        single.is_acyclic() && (scope == Scope::Repaired || all.or(&single).is_acyclic())
    }

    /// What comes before what by the stores of one atomic, if it does.
    fn coherence(&self) -> Relation {
        self.reads_from
            .or(&self.modified)
            .or(&self.before_read)
            .closure()
    }

    fn is_coherent(&self) -> bool {
        let coherence = self.coherence();
        let count = self.count();
        (0..count).all(|a| !coherence.holds(a, a))
            && (0..count).all(|a| {
                (0..count).all(|b| !(self.happens_before.holds(a, b) && coherence.holds(b, a)))
            })
    }

    /// Whether nothing was stored between the two halves of an update.
    fn is_atomic(&self) -> bool {
        let between = self.before_read.then(&self.modified);
        (0..self.count()).all(|event| !between.holds(event, event))
    }

    /// What the single order of `SeqCst` operations has to agree with.
    fn single_order(&self) -> Relation {
        let coherence = self.coherence();
        let before = |a: usize, b: usize| a == b || self.happens_before.holds(a, b);
        let strongly = self.strongly_happens_before();
        Relation::of(self.count(), |a, b| {
            if !self.is_single(a) || !self.is_single(b) || a == b {
                return false;
            }
            let ends = |event: usize, fence: usize, is_last: bool| {
                event == fence
                    || self.is_fence(fence)
                        && if is_last {
                            before(event, fence)
                        } else {
                            before(fence, event)
                        }
            };
            let by_coherence = || {
                (0..self.count()).any(|one| {
                    ends(one, a, false)
                        && (0..self.count())
                            .any(|other| ends(other, b, true) && coherence.holds(one, other))
                })
            };
            strongly.holds(a, b) || by_coherence()
        })
    }

    fn strongly_happens_before(&self) -> Relation {
        let single = Relation::of(self.count(), |a, b| {
            self.is_single(a) && self.is_single(b) && self.synchronizes(a, b)
        });
        let through = self
            .sequenced
            .then(&self.happens_before)
            .then(&self.sequenced);
        self.sequenced.or(&single).or(&through).closure()
    }
}
