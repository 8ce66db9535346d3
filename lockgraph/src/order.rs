//! The lock-order graph: the shared half of the engine.
//!
//! # Follows
//!
//! Goodlock (Havelund, "Using Runtime Analysis to Guide Model Checking of Java Programs", 2000) with the gates, threads
//! and fork/join segments of Bensalem and Havelund ("Dynamic Deadlock Analysis of Multi-threaded Programs", 2005), and
//! the read-write lock rule of the Linux kernel's lockdep, made exact: reader against reader blocks only where a thread
//! was seen to write the same lock. Edges go through an incremental order (see `topology.rs`), so a search starts only
//! for an edge that may close a cycle. Unlike all of them it looks back through destroyed locks.
//!
//! # Finds
//!
//! Rings of any length in which every step was made by another thread of one run: opposite orders, read-write locks
//! as their modes allow, recursive reads, locks held by a successful try, rings whose middle lock has been destroyed.
//!
//! # Misses
//!
//! Orders that no thread ever took in this run; rings beyond the fuel of a search in a very large knot; of the 17th and
//! later ways along one edge, those that differ only in thread; rings in which a thread that holds a lock waits for
//! something other than a lock (the wait-for graph sees those when they happen).
//!
//! # False alarms
//!
//! Threads kept apart by something other than locks and fork/join: a channel, a barrier, an atomic flag. A write lock
//! that is taken only when no reader can be there. A policy of the read-write lock under which readers never queue.

mod acquisition;
mod chain;
pub mod class;
mod edge;
mod innocent;
mod innocents;
mod merged;
mod occurrence;
#[cfg(test)]
mod oracle;
mod places;
mod report;
mod retire;
mod ring;
mod rules;
mod told;
mod topology;
mod web;

use std::sync::Arc;

use model::event::{Attempt, Mode};
use model::graph::Graph;
use model::id::LockId;

pub use crate::order::acquisition::{Acquisition, BacktraceId, Found, Who};

use crate::held::Held;
use crate::order::innocents::Innocents;
use crate::order::merged::Merged;
use crate::order::occurrence::{Actor, Holding, Lock, Occurrence, Write};
use crate::order::places::Place;
use crate::order::ring::{Search, Seed};
use crate::order::rules::Rules;
use crate::order::told::Told;
use crate::order::web::Web;

/// How much work searches may do at once, in passages looked at: a tank that every search draws from.
const TANK: usize = 1 << 20;

/// What each acquisition adds to the tank.
const REFILL: usize = 256;

/// How much of it the search for the reason of an innocent cycle may use.
const REASONING: usize = 512;

/// How many edges between locks of the same two classes have a backtrace. Unwinding takes longer than all else here,
/// and a program may make a lock for each message that it sends; edges that may be part of a ring have one always.
const BACKTRACES: u64 = 256;

/// How many threads' last stretches are remembered.
const ACTORS: usize = 16;

/// The lock-order graph.
#[derive(Debug)]
pub struct Order {
    web: Web,
    merged: Merged,
    told: Told,
    innocents: Innocents,
    actors: [Option<Arc<Actor>>; ACTORS],
    fuel: usize,
    /// The places of the locks held in the acquisition under work; kept to save its allocation.
    held: Vec<Place>,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            web: Web::default(),
            merged: Merged::default(),
            told: Told::default(),
            innocents: Innocents::default(),
            actors: Default::default(),
            fuel: TANK,
            held: Vec::new(),
        }
    }
}

impl Order {
    /// Takes in an acquisition, before it blocks. `capture` is called at most once, if an edge is new. Returns what became
    /// possible by it.
    pub fn acquire(
        &mut self,
        acquisition: &Acquisition<'_>,
        capture: &mut dyn FnMut() -> Option<BacktraceId>,
    ) -> Vec<Found> {
        let actor = self.actor(acquisition);
        let wanted = self.place(&acquisition.wanted);
        let mut places = std::mem::take(&mut self.held);
        places.clear();
        places.extend(acquisition.held.iter().map(|held| self.place(held)));
        let mut step = Acquiring {
            acquisition,
            capture,
            actor,
            wanted,
            places: &places,
            held: None,
            backtrace: None,
        };
        let mut found = Vec::new();
        self.add_write(&mut step, &mut found);
        for index in 0..places.len() {
            self.add_edge(&mut step, index, &mut found);
        }
        self.held = places;
        found
    }

    /// Forgets a destroyed lock, but not the orders that led through it.
    pub fn retire(&mut self, lock: LockId) {
        if let Some(node) = self.web.find(lock) {
            retire::retire(&mut self.web, node);
        }
    }

    /// The graph by class, for the report.
    #[must_use]
    pub fn graph(&self, process: &str) -> Graph {
        let mut graph = self.merged.graph(process);
        graph.innocent = self.innocents.data(&self.merged.places(), &self.told);
        graph
    }

    /// How often a finding was found again after it was returned.
    #[must_use]
    pub fn repeats(&self, fingerprint: &str) -> u64 {
        self.told.repeats(fingerprint)
    }

    /// What reports say of the thread; one value as long as it neither forks nor joins.
    fn actor(&mut self, acquisition: &Acquisition<'_>) -> Arc<Actor> {
        let segment = acquisition.segment;
        let slot = &mut self.actors[segment.thread().0 as usize % ACTORS];
        match slot {
            Some(actor) if actor.is(segment, acquisition.who) => Arc::clone(actor),
            _ => {
                let actor = Arc::new(Actor {
                    segment: segment.clone(),
                    who: acquisition.who.clone(),
                });
                *slot = Some(Arc::clone(&actor));
                actor
            }
        }
    }

    fn place(&mut self, held: &Held) -> Place {
        let merged = &mut self.merged;
        self.web.place(held.lock, || Lock {
            id: held.lock,
            origin: held.origin,
            kind: held.kind,
            class: merged.class(held.origin, held.kind, held.site),
        })
    }

    /// Remembers a thread that asks to write: readers that met readers before may have to queue behind it.
    fn add_write(&mut self, step: &mut Acquiring<'_, '_>, found: &mut Vec<Found>) {
        let Acquisition {
            wanted, attempt, ..
        } = step.acquisition;
        let queues = wanted.kind.is_read_write()
            && (wanted.mode, *attempt) == (Mode::Exclusive, Attempt::Blocking);
        if !queues {
            return;
        }
        let write = Write {
            actor: Arc::clone(&step.actor),
            site: wanted.site,
            blocks: !wanted.kind.suspends(),
            held: (!step.places.is_empty()).then(|| step.held()),
        };
        if let Some(place) = self.web.add_write(step.wanted.node, write) {
            let seeds = self.readers_before(step.wanted.node, place);
            for seed in seeds {
                self.search(seed, found);
            }
        }
    }

    /// The passages that ask to read a lock, each as the beginning of a search with one writer behind it.
    fn readers_before(&self, node: u32, writer: usize) -> Vec<Seed> {
        let into = self.web.topology.arcs_into(node).iter();
        into.filter(|link| self.web.may_close(link.arc))
            .flat_map(|link| {
                let passages = self.web.edge(link.arc).passages().enumerate();
                passages
                    .filter(|(_, passage)| passage.asked() == Mode::Shared)
                    .map(|(passage, _)| Seed {
                        arc: link.arc,
                        passage,
                        writer: Some(writer),
                    })
            })
            .collect()
    }

    /// Takes in that the lock at this place of the held ones was held.
    fn add_edge(&mut self, step: &mut Acquiring<'_, '_>, index: usize, found: &mut Vec<Found>) {
        let (source, from) = (&step.acquisition.held[index], step.places[index].node);
        let to = step.wanted.node;
        let readers = (source.mode, step.acquisition.wanted.mode) == (Mode::Shared, Mode::Shared);
        if from == to && !readers {
            // A thread that waits for itself is the hang detector's affair.
            return;
        }
        let arc = self.web.arc_or_new(from, to);
        let is_new = self.web.edge(arc).is_unseen();
        let mut occurrence = step.occurrence(index);
        if !is_new && self.web.edge(arc).covers(&occurrence) {
            return;
        }
        if is_new && self.wants_backtrace(step, index, arc) {
            occurrence.backtrace = step.backtrace();
        }
        self.merge(step, index, &occurrence, is_new);
        let Some(passage) = self.web.edge_mut(arc).add(occurrence) else {
            return;
        };
        if self.web.may_close(arc) {
            self.fuel = TANK.min(self.fuel + REFILL);
            let seed = Seed {
                arc,
                passage,
                writer: None,
            };
            if !self.search(seed, found) {
                self.acquit(arc, is_new);
            }
        }
    }

    fn wants_backtrace(&self, step: &Acquiring<'_, '_>, index: usize, arc: u32) -> bool {
        let classes = (step.places[index].class, step.wanted.class);
        self.merged.count(classes) < BACKTRACES || self.web.may_close(arc)
    }

    /// Takes an occurrence into the graph by class.
    fn merge(
        &mut self,
        step: &Acquiring<'_, '_>,
        index: usize,
        occurrence: &Occurrence,
        is_new: bool,
    ) {
        let (from, to) = (step.places[index].class, step.wanted.class);
        let held = step.places.iter().zip(step.acquisition.held).enumerate();
        let gates: Vec<u32> = held
            .filter(|&(place, (_, held))| place != index && held.mode == Mode::Exclusive)
            .map(|(_, (place, _))| place.class)
            .collect();
        self.merged.add(from, to, occurrence, is_new, &gates);
    }

    /// Looks for rings, and tells those that are news. Returns whether there are any.
    fn search(&mut self, seed: Seed, found: &mut Vec<Found>) -> bool {
        let search = Search::new(&self.web, Rules::ALL, None);
        let rings = search.run(seed, &mut self.fuel);
        for ring in &rings {
            let Some(links) = chain::links(&self.web, ring) else {
                continue;
            };
            let signs = chain::signs(&links);
            if self.told.is_news(&signs) {
                let new = report::found(&self.web, &links);
                self.told.add(&signs, &new.finding.fingerprint);
                found.push(new);
            }
        }
        !rings.is_empty()
    }

    /// Notes why a shortest cycle through an edge cannot deadlock.
    fn acquit(&mut self, arc: u32, is_new: bool) {
        let mut fuel = REASONING.min(self.fuel / 2);
        self.fuel -= fuel;
        if let Some(cycle) = innocent::shortest_cycle(&self.web, arc, &mut fuel)
            && let Some(reason) = innocent::reason(&self.web, &cycle, &mut fuel)
        {
            self.innocents.add(&self.web, &cycle, reason, is_new);
        }
        self.fuel += fuel;
    }
}

/// One acquisition under work.
struct Acquiring<'a, 'b> {
    acquisition: &'a Acquisition<'a>,
    capture: &'a mut (dyn FnMut() -> Option<BacktraceId> + 'b),
    actor: Arc<Actor>,
    wanted: Place,
    /// The places of the locks held, in order.
    places: &'a [Place],
    /// All locks held, made when first needed and shared by the edges.
    held: Option<Arc<Vec<Holding>>>,
    /// The backtrace, captured when first needed.
    backtrace: Option<Option<BacktraceId>>,
}

impl Acquiring<'_, '_> {
    fn occurrence(&mut self, index: usize) -> Occurrence {
        let Acquisition {
            wanted,
            attempt,
            held,
            ..
        } = self.acquisition;
        let source = &held[index];
        Occurrence {
            actor: Arc::clone(&self.actor),
            hold: source.site,
            acquire: wanted.site,
            source: (source.lock, source.mode),
            held: (held.len() > 1).then(|| self.held()),
            backtrace: None,
            asked: wanted.mode,
            attempt: *attempt,
            blocks: !wanted.kind.suspends(),
        }
    }

    fn held(&mut self) -> Arc<Vec<Holding>> {
        let held = self.acquisition.held;
        let all = self.held.get_or_insert_with(|| {
            let holdings = held.iter().map(|held| (held.lock, held.mode));
            Arc::new(holdings.collect())
        });
        Arc::clone(all)
    }

    fn backtrace(&mut self) -> Option<BacktraceId> {
        *self.backtrace.get_or_insert_with(&mut self.capture)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use model::finding::Role;
    use model::trace::{Trace, parse};

    use crate::fold::LockOrder;
    use crate::order::Found;

    /// Plays a trace, and compares what is told of it, and what is known to be innocent.
    fn check(text: &str, expected: Expect) {
        let trace = parse(text);
        let mut engine = LockOrder::default();
        trace.events.iter().for_each(|event| engine.observe(event));
        let graph = engine.graph();
        let mut lines: Vec<String> = engine
            .finish()
            .iter()
            .map(|found| ring(&trace, found))
            .collect();
        lines.extend(graph.innocent.iter().map(|innocent| {
            let names = innocent.classes.iter();
            let names = names.map(|&class| graph.classes[class].name.as_deref());
            let names = around(&trace, names.map(Option::unwrap).collect());
            format!(
                "innocent: {names}: {}",
                real_names(&trace, &innocent.reason)
            )
        }));
        expected.assert_eq(&lines.join("\n"));
    }

    fn ring(trace: &Trace, found: &Found) -> String {
        let finding = &found.finding;
        let labels = finding.labels.iter();
        let length = labels.filter(|label| label.role == Role::Primary).count();
        let names = finding.objects[..length].iter();
        let names = names.map(|object| object.name.as_deref().unwrap());
        format!("{}: {}", finding.slug, around(trace, names.collect()))
    }

    fn around(trace: &Trace, mut names: Vec<&str>) -> String {
        names.push(names[0]);
        real_names(trace, &names.join(" → "))
    }

    /// The engine calls locks by their numbers; the trace knows their names.
    fn real_names(trace: &Trace, text: &str) -> String {
        let locks = trace.locks.iter().enumerate();
        locks.fold(text.to_owned(), |text, (index, name)| {
            text.replace(&format!("#{}", index + 1), name)
        })
    }

    #[test]
    fn opposite_orders_form_a_ring() {
        check(
            "t1: +a +b -b -a; t2: +b +a -a -b",
            expect!["lock-order-cycle: a → b → a"],
        );
    }

    #[test]
    fn three_threads_form_a_ring_of_three() {
        check(
            "t1: +a +b -b -a; t2: +b +c -c -b; t3: +c +a -a -c",
            expect!["lock-order-cycle: a → b → c → a"],
        );
    }

    #[test]
    fn two_threads_cannot_fill_a_ring_of_three() {
        check(
            "t1: +a +b -b -a; t2: +b +c -c -b; t1: +c +a -a -c",
            expect!["innocent: a → b → c → a: one thread makes several of the steps"],
        );
    }

    #[test]
    fn five_philosophers_form_a_ring_of_five() {
        check(
            "t1: +a +b -a -b; t2: +b +c -b -c; t3: +c +d -c -d; t4: +d +e -d -e; t5: +e +a -e -a",
            expect!["lock-order-cycle: a → b → c → d → e → a"],
        );
    }

    #[test]
    fn a_later_lock_is_ordered_after_every_lock_held() {
        check(
            "t1: +a +b +c -b -c -a; t2: +c +a -a -c",
            expect!["lock-order-cycle: a → c → a"],
        );
    }

    #[test]
    fn a_lock_released_before_is_not_ordered() {
        check(
            "t1: +a +b -a +c -c -b; t2: +c +a -a -c",
            expect!["innocent: a → b → c → a: one thread makes several of the steps"],
        );
    }

    #[test]
    fn one_thread_is_innocent() {
        check(
            "t1: +a +b -b -a +b +a -a -b",
            expect!["innocent: a → b → a: one thread makes every step"],
        );
    }

    #[test]
    fn sorted_order_is_silent() {
        check(
            "t1: +a +b +c -c -b -a; t2: +a +c -c -a; t3: +b +c -c -b",
            expect![""],
        );
    }

    #[test]
    fn a_common_gate_is_innocent() {
        check(
            "t1: +g +a +b -b -a -g; t2: +g +b +a -a -b -g",
            expect!["innocent: a → b → a: `g` keeps the steps apart (a gate)"],
        );
    }

    #[test]
    fn a_gate_on_one_side_is_none() {
        check(
            "t1: +g +a +b -b -a -g; t2: +b +a -a -b",
            expect!["lock-order-cycle: a → b → a"],
        );
    }

    #[test]
    fn a_gate_that_both_read_is_none() {
        check(
            "t1: +g/r +a +b -b -a -g; t2: +g/r +b +a -a -b -g",
            expect!["lock-order-cycle: a → b → a"],
        );
    }

    #[test]
    fn a_gate_that_one_writes_and_one_reads_is_one() {
        check(
            "t1: +g +a +b -b -a -g; t2: +g/r +b +a -a -b -g",
            expect!["innocent: a → b → a: `g` keeps the steps apart (a gate)"],
        );
    }

    #[test]
    fn a_gate_taken_between_is_one() {
        check(
            "t1: +a +g +b -b -g -a; t2: +b +g +a -a -g -b",
            expect![[r#"
            lock-order-cycle: g → b → g
            lock-order-cycle: a → g → a
            innocent: a → b → a: `g` keeps the steps apart (a gate)"#]],
        );
    }

    #[test]
    fn a_later_time_without_the_gate_is_told() {
        check(
            "t1: +g +a +b -b -a -g; t2: +g +b +a -a -b -g; t1: +a +b -b -a; t2: +b +a",
            expect!["lock-order-cycle: a → b → a"],
        );
    }

    #[test]
    fn a_gate_around_two_steps_of_three_is_one() {
        check(
            "t1: +g +a +b -b -a -g; t2: +g +b +c -c -b -g; t3: +c +a -a -c",
            expect!["innocent: a → b → c → a: `g` keeps the steps apart (a gate)"],
        );
    }

    #[test]
    fn order_by_join_is_innocent() {
        check(
            "m: >t1; t1: +a +b -b -a; m: <t1 >t2; t2: +b +a -a -b",
            expect![
                "innocent: a → b → a: starting or joining a thread puts one step before the other"
            ],
        );
    }

    #[test]
    fn order_by_fork_is_innocent_until_the_parent_does_it_again() {
        check(
            "m: +a +b -b -a >t2; t2: +b +a -a -b",
            expect![
                "innocent: a → b → a: starting or joining a thread puts one step before the other"
            ],
        );
        check(
            "m: +a +b -b -a >t2; t2: +b +a -a -b; m: +a +b -b -a",
            expect!["lock-order-cycle: a → b → a"],
        );
    }

    #[test]
    fn a_try_cannot_close_a_ring() {
        check(
            "t1: +a +b -b -a; t2: +b ?a -a -b",
            expect!["innocent: a → b → a: a step only tries, and gives up at once"],
        );
    }

    #[test]
    fn a_lock_held_by_a_try_is_held() {
        check(
            "t1: ?a +b -b -a; t2: +b +a -a -b",
            expect!["lock-order-cycle: a → b → a"],
        );
    }

    #[test]
    fn the_blocking_way_counts_beside_the_try() {
        check(
            "t1: +a +b -b -a; t2: +b ?a -a -b +b +a -a -b",
            expect!["lock-order-cycle: a → b → a"],
        );
    }

    #[test]
    fn readers_and_a_writer_at_each_lock_form_a_ring() {
        check(
            "t1: +a/r +b/r -b -a; t2: +b +a -a -b",
            expect!["lock-order-cycle: a → b → a"],
        );
        check(
            "t1: +a/r +b -b -a; t2: +b/r +a -a -b",
            expect!["lock-order-cycle: a → b → a"],
        );
        check(
            "t1: +a +b/r -b -a; t2: +b +a/r -a -b",
            expect!["lock-order-cycle: a → b → a"],
        );
    }

    #[test]
    fn readers_only_are_innocent() {
        check(
            "t1: +a/r +b/r -b -a; t2: +b/r +a/r -a -b",
            expect!["innocent: a → b → a: only readers meet, and no writer can queue between them"],
        );
    }

    #[test]
    fn one_lock_at_which_only_readers_meet_is_enough_to_be_innocent() {
        check(
            "t1: +a +b/r -b -a; t2: +b/r +a -a -b",
            expect!["innocent: a → b → a: only readers meet, and no writer can queue between them"],
        );
    }

    #[test]
    fn a_third_thread_that_writes_makes_readers_wait() {
        check(
            "t1: +a +b/r -b -a; t2: +b/r +a -a -b; t3: +b -b",
            expect!["lock-order-cycle: a → b → a"],
        );
        check(
            "t3: +b -b; t1: +a +b/r -b -a; t2: +b/r +a -a -b",
            expect!["lock-order-cycle: b → a → b"],
        );
    }

    #[test]
    fn two_locks_of_readers_need_two_writers() {
        check(
            "t1: +a/r +b/r -b -a; t2: +b/r +a/r -a -b; t3: +a -a +b -b",
            expect!["innocent: a → b → a: only readers meet, and no writer can queue between them"],
        );
        check(
            "t1: +a/r +b/r -b -a; t2: +b/r +a/r -a -b; t3: +a -a; t4: +b -b",
            expect!["lock-order-cycle: a → b → a"],
        );
    }

    #[test]
    fn a_writer_of_the_ring_itself_does_not_queue() {
        check(
            "t1: +a +b/r -b -a; t2: +b/r +a -a -b +b -b; t1: +b -b",
            expect!["innocent: a → b → a: only readers meet, and no writer can queue between them"],
        );
    }

    #[test]
    fn a_writer_that_only_tries_does_not_queue() {
        check(
            "t1: +a +b/r -b -a; t2: +b/r +a -a -b; t3: ?b -b",
            expect!["innocent: a → b → a: only readers meet, and no writer can queue between them"],
        );
    }

    #[test]
    fn a_writer_behind_a_gate_of_the_holder_does_not_queue() {
        check(
            "t1: +a +b/r -b -a; t2: +g +b/r +a -a -b -g; t3: +g +b -b -g",
            expect!["innocent: a → b → a: only readers meet, and no writer can queue between them"],
        );
    }

    #[test]
    fn a_writer_before_the_fork_does_not_queue() {
        check(
            "m: +b -b >t1 >t2; t1: +a +b/r -b -a; t2: +b/r +a -a -b",
            expect![
                "innocent: b → a → b: starting or joining a thread puts one step before the other"
            ],
        );
    }

    #[test]
    fn reading_again_waits_for_a_queued_writer() {
        check(
            "t1: +a/r +a/r -a -a; t2: +a -a",
            expect!["lock-order-cycle: a → a"],
        );
        check(
            "t2: +a -a; t1: +a/r +a/r -a -a",
            expect!["lock-order-cycle: a → a"],
        );
    }

    #[test]
    fn reading_again_is_innocent_without_a_writer() {
        check(
            "t1: +a/r +a/r -a -a",
            expect!["innocent: a → a: only readers meet, and no writer can queue between them"],
        );
        check(
            "t1: +a -a +a/r +a/r -a -a",
            expect!["innocent: a → a: one thread makes every step"],
        );
    }

    #[test]
    fn locking_again_is_not_an_order() {
        check("t1: +a +a -a -a; t2: +a", expect![""]);
    }

    #[test]
    fn a_ring_outlives_its_middle_lock() {
        check(
            "t1: +a +b -b -a; t2: +b +c -c -b ~b; t3: +c +a -a -c",
            expect!["lock-order-cycle: a → b → c → a"],
        );
        check(
            "t1: +a +b -b -a; t2: +b +c -c -b ~b; t3: +c +d -d -c ~c; t4: +d +a -a -d",
            expect!["lock-order-cycle: a → b → c → d → a"],
        );
    }

    #[test]
    fn steps_through_a_destroyed_lock_keep_their_rules() {
        check(
            "t1: +a +b -b -a; t2: +b +c -c -b ~b; t2: +c +a -a -c",
            expect!["innocent: a → b → c → a: one thread makes several of the steps"],
        );
        check(
            "t1: +g +a +b -b -a -g; t2: +b +c -c -b ~b; t3: +g +c +a -a -c -g",
            expect!["innocent: a → b → c → a: `g` keeps the steps apart (a gate)"],
        );
        check(
            "t1: +a +b -b -a; t2: +b ?c -c -b ~b; t3: +c +a -a -c",
            expect![""],
        );
        check(
            "t1: +a +b/r -b -a; t2: +b/r +c -c -b ~b; t3: +c +a -a -c",
            expect![""],
        );
        check(
            "t1: +a +b/r -b -a; t2: +b/r +c -c -b; t4: +b -b ~b; t3: +c +a -a -c",
            expect!["lock-order-cycle: a → b → c → a"],
        );
        check(
            "t1: +a +b/r -b -a; t2: +b/r +c -c -b +b -b ~b; t3: +c +a -a -c",
            expect![""],
        );
        check(
            "t1: +a +b/r -b -a; t2: +b/r +c -c -b; t3: +b -b ~b +c +a -a -c",
            expect!["innocent: a → b → c → a: one thread makes several of the steps"],
        );
    }

    #[test]
    fn a_step_seen_again_is_told_once() {
        check(
            "t1: +a +b -b -a; t2: +b +a -a -b; t3: +a +b -b -a; t4: +b +a",
            expect!["lock-order-cycle: a → b → a"],
        );
    }

    #[test]
    fn rings_of_different_steps_are_told_apart() {
        check(
            "t1: +a +b -b -a; t2: +b +c -c -b; t3: +c +a -a -c; t2: +b +a",
            expect![[r#"
                lock-order-cycle: a → b → c → a
                lock-order-cycle: a → b → a"#]],
        );
    }
}
