//! The race detector as a fold over the events of a trace.
//!
//! Follows, finds and misses what [`crate::shadow`] does; the order of a trace is the order of its lines.

use std::collections::VecDeque;

use crate::epoch::Epoch;
use crate::event::{Event, Op};
use crate::local::Local;
use crate::location::{Location, acquires, releases};
use crate::lock::{Meeting, ReadWrite};
use crate::shadow::{Order, Race, Shadow};
use crate::slots::Slots;
use crate::stamp::Stamp;
use crate::table::at;

/// An event of the trace that accesses a value, as a race tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The event's place in the trace.
    pub line: u64,
    /// Where in the source.
    pub site: u32,
    /// Who.
    pub thread: u32,
}

/// The engine over a trace.
#[derive(Debug)]
pub struct HappensBefore {
    order: Order,
    slots: Slots<u32>,
    threads: Vec<Life>,
    values: Vec<Shadow<Place>>,
    locks: Vec<ReadWrite>,
    atomics: Vec<Location>,
    channels: Vec<VecDeque<Stamp>>,
    meetings: Vec<Meeting>,
}

/// What is known of a thread.
#[derive(Debug, Default)]
enum Life {
    /// It has done nothing.
    #[default]
    Unborn,
    Running(Local),
    /// What it knew when it was joined.
    Joined(Stamp),
}

impl HappensBefore {
    /// An engine that judges by this order.
    #[must_use]
    pub fn new(order: Order) -> Self {
        Self {
            order,
            slots: Slots::new(),
            threads: Vec::new(),
            values: Vec::new(),
            locks: Vec::new(),
            atomics: Vec::new(),
            channels: Vec::new(),
            meetings: Vec::new(),
        }
    }

    /// Takes in what a thread did. Each race that it completes is told to `found`.
    #[inline]
    pub fn observe(&mut self, event: &Event, found: impl FnMut(Race<Place>)) {
        let place = Place {
            line: event.line,
            site: event.site,
            thread: event.thread,
        };
        let who = event.thread as usize;
        if !matches!(self.threads.get(who), Some(Life::Running(_))) {
            self.appear(event.thread);
        }
        let Some(Life::Running(thread)) = self.threads.get_mut(who) else {
            return;
        };
        match event.op {
            Op::Read(value) => at(&mut self.values, value).read(thread, place, self.order, found),
            Op::Write(value) => at(&mut self.values, value).write(thread, place, self.order, found),
            Op::Acquire(lock) | Op::AcquireTry(lock) => {
                at(&mut self.locks, lock).acquire(thread);
            }
            Op::Release(lock) => at(&mut self.locks, lock).release(thread),
            Op::AcquireShared(lock) => at(&mut self.locks, lock).acquire_shared(thread),
            Op::ReleaseShared(lock) => at(&mut self.locks, lock).release_shared(thread),
            Op::Load(atomic, order) => at(&mut self.atomics, atomic).load(thread, order),
            Op::Store(atomic, order) => at(&mut self.atomics, atomic).store(thread, order),
            Op::Update(atomic, order) => at(&mut self.atomics, atomic).update(thread, order),
            Op::Fence(order) => thread.fence(acquires(order), releases(order)),
            Op::Send(channel) => at(&mut self.channels, channel).push_back(thread.release()),
            Op::Receive(channel) => {
                if let Some(stamp) = at(&mut self.channels, channel).pop_front() {
                    thread.acquire(&stamp);
                }
            }
            Op::Arrive(meeting) => at(&mut self.meetings, meeting).arrive(thread),
            Op::Leave(meeting) => at(&mut self.meetings, meeting).leave(thread),
            Op::Fork(child) => self.fork(event.thread, child),
            Op::Join(child) => self.join(event.thread, child),
            Op::Begin | Op::End => {}
        }
    }

    /// Whose moment it was.
    #[must_use]
    pub fn owner(&self, epoch: Epoch) -> Option<u32> {
        self.slots.owner(epoch)
    }

    /// A thread that nobody was seen to start.
    #[cold]
    fn appear(&mut self, thread: u32) {
        if let Life::Unborn = at(&mut self.threads, thread) {
            let first = self.slots.begin(thread, &Stamp::NONE);
            self.threads[thread as usize] = Life::Running(Local::new(first, &Stamp::NONE));
        }
    }

    #[cold]
    fn fork(&mut self, parent: u32, child: u32) {
        at(&mut self.threads, child);
        let Life::Running(starter) = &mut self.threads[parent as usize] else {
            return;
        };
        let stamp = starter.release();
        match &mut self.threads[child as usize] {
            life @ Life::Unborn => {
                let first = self.slots.begin(child, &stamp);
                *life = Life::Running(Local::new(first, &stamp));
            }
            Life::Running(child) => child.acquire(&stamp),
            Life::Joined(_) => {}
        }
    }

    #[cold]
    fn join(&mut self, parent: u32, child: u32) {
        let life = at(&mut self.threads, child);
        let last = match std::mem::replace(life, Life::Unborn) {
            Life::Unborn => return,
            Life::Joined(last) => last,
            Life::Running(mut thread) => {
                self.slots.end(thread.epoch());
                thread.release()
            }
        };
        if let Life::Running(parent) = &mut self.threads[parent as usize] {
            parent.acquire(&last);
        }
        self.threads[child as usize] = Life::Joined(last);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use expect_test::{Expect, expect};

    use super::HappensBefore;
    use crate::event::Event;
    use crate::notation;
    use crate::shadow::{Does, Order};

    /// The races of a trace as numbers of events.
    fn races(events: &[Event], order: Order) -> Vec<(u64, u64)> {
        let mut engine = HappensBefore::new(order);
        let mut races = Vec::new();
        for event in events {
            engine.observe(event, |race| {
                races.push((race.earlier.site.line, race.later.site.line));
            });
        }
        races
    }

    /// The races of a trace in words, told with the numbers of the steps from 1.
    fn check(trace: &str, expected: &Expect) {
        let (events, names) = notation::parse(trace);
        let mut engine = HappensBefore::new(Order::Schedulable);
        let mut races = Vec::new();
        for event in &events {
            engine.observe(event, |race| races.push(race));
        }
        let word = |does| match does {
            Does::Reads => "reads",
            Does::Writes => "writes",
            Does::Points => "takes a pointer to",
        };
        let said: Vec<String> = races
            .iter()
            .map(|race| {
                let who = |epoch| names.threads.name(engine.owner(epoch).unwrap());
                format!(
                    "{} {} at {}, {} {} at {}",
                    who(race.earlier.epoch),
                    word(race.earlier_does),
                    names.sites.name(race.earlier.site.site),
                    who(race.later.epoch),
                    word(race.later_does),
                    names.sites.name(race.later.site.site),
                )
            })
            .collect();
        expected.assert_eq(&said.join("\n"));
    }

    #[test]
    fn unordered_accesses_race_if_one_writes() {
        check(
            "t1: w(x); t2: w(x)",
            &expect!["t1 writes at 1, t2 writes at 2"],
        );
        check(
            "t1: w(x); t2: r(x)",
            &expect!["t1 writes at 1, t2 reads at 2"],
        );
        check(
            "t1: r(x); t2: w(x)",
            &expect!["t1 reads at 1, t2 writes at 2"],
        );
        check("t1: r(x); t2: r(x)", &expect![""]);
        check("t1: w(x); t2: w(y)", &expect![""]);
    }

    #[test]
    fn every_reader_is_remembered() {
        check(
            "t1: r(x); t2: r(x); t3: r(x); t4: w(x)",
            &expect![[r"
                t1 reads at 1, t4 writes at 4
                t2 reads at 2, t4 writes at 4
                t3 reads at 3, t4 writes at 4"]],
        );
    }

    #[test]
    fn one_unordered_reader_among_ordered_ones_is_found() {
        check(
            "t1: acq(l) r(x) rel(l); t2: r(x); t3: acq(l) r(x) rel(l); t4: acq(l) w(x) rel(l)",
            &expect!["t2 reads at 4, t4 writes at 9"],
        );
    }

    #[test]
    fn a_common_lock_orders() {
        check(
            "t1: acq(l) w(x) rel(l); t2: acq(l) w(x) rel(l)",
            &expect![""],
        );
        check(
            "t1: acq(l) w(x) rel(l); t2: acq(m) w(x) rel(m)",
            &expect!["t1 writes at 2, t2 writes at 5"],
        );
        check(
            "t1: acq(l) rel(l) w(x); t2: acq(l) w(x) rel(l)",
            &expect!["t1 writes at 3, t2 writes at 5"],
        );
    }

    #[test]
    fn readers_of_a_lock_are_ordered_with_writers_only() {
        check(
            "t1: acqr(l) r(x) relr(l); t2: acqr(l) r(x) relr(l); t3: acq(l) w(x) rel(l); t1: acqr(l) r(x) relr(l)",
            &expect![""],
        );
        check(
            "t1: acqr(l) w(x) relr(l); t2: acqr(l) w(x) relr(l)",
            &expect!["t1 writes at 2, t2 writes at 5"],
        );
    }

    #[test]
    fn starting_and_joining_threads_orders() {
        check(
            "t1: w(x) fork(t2); t2: w(x); t1: join(t2) w(x)",
            &expect![""],
        );
        check(
            "t1: fork(t2) w(x); t2: w(x)",
            &expect!["t1 writes at 2, t2 writes at 3"],
        );
        check("t1: join(t2) w(x)", &expect![""]);
    }

    #[test]
    fn a_thread_that_does_nothing_hands_on_what_came_before_it() {
        check("t1: w(x) fork(t2); t3: join(t2) w(x)", &expect![""]);
    }

    #[test]
    fn a_slot_is_used_again_without_mixing_threads_up() {
        // t3 has t2's slot; t4 knows t2 but not t3.
        check(
            "t1: fork(t4) fork(t2); t2: w(x); t1: join(t2) fork(t3); t3: w(x); t4: r(x)",
            &expect!["t3 writes at 6, t4 reads at 7"],
        );
        check(
            "t1: fork(t4) fork(t2); t2: w(x) acq(l) rel(l); t1: join(t2) fork(t3); t3: w(y); t4: acq(l) rel(l) r(x) r(y)",
            &expect!["t3 writes at 8, t4 reads at 12"],
        );
        // t4 is a root and joins nobody: it must not get the slot of t2.
        check(
            "t1: fork(t2); t2: w(x); t1: join(t2); t4: w(x)",
            &expect!["t2 writes at 2, t4 writes at 4"],
        );
    }

    #[test]
    fn atomics_order_by_their_orderings() {
        let race = expect!["t1 writes at 1, t2 reads at 4"];
        check("t1: w(x) store(a,rel); t2: load(a,acq) r(x)", &expect![""]);
        check("t1: w(x) store(a,sc); t2: load(a,sc) r(x)", &expect![""]);
        check("t1: w(x) store(a,rlx); t2: load(a,acq) r(x)", &race);
        check("t1: w(x) store(a,rel); t2: load(a,rlx) r(x)", &race);
        check(
            "t1: w(x) rmw(a,acqrel); t2: rmw(a,acqrel) r(x)",
            &expect![""],
        );
        check("t1: w(x) rmw(a,acq); t2: rmw(a,rel) r(x)", &race);
    }

    #[test]
    fn a_release_sequence_goes_on_with_updates_and_ends_with_a_store() {
        check(
            "t1: w(x) store(a,rel); t3: rmw(a,rlx); t2: load(a,acq) r(x)",
            &expect![""],
        );
        check(
            "t1: w(x) store(a,rel); t3: store(a,rlx); t2: load(a,acq) r(x)",
            &expect!["t1 writes at 1, t2 reads at 5"],
        );
        check(
            "t1: w(x) store(a,rel) store(a,rlx); t2: load(a,acq) r(x)",
            &expect!["t1 writes at 1, t2 reads at 5"],
        );
        check(
            "t1: w(x) store(a,rel); t3: w(y) rmw(a,rel); t2: load(a,acq) r(x) r(y)",
            &expect![""],
        );
    }

    #[test]
    fn fences_stand_in_for_orderings() {
        check(
            "t1: w(x) fence(rel) store(a,rlx); t2: load(a,rlx) fence(acq) r(x)",
            &expect![""],
        );
        check(
            "t1: w(x) fence(rel) store(a,rlx); t2: load(a,acq) r(x)",
            &expect![""],
        );
        check(
            "t1: w(x) store(a,rel); t2: load(a,rlx) fence(sc) r(x)",
            &expect![""],
        );
        check(
            "t1: fence(rel) w(x) store(a,rlx); t2: load(a,acq) r(x)",
            &expect!["t1 writes at 2, t2 reads at 5"],
        );
        check(
            "t1: w(x) fence(rel) store(a,rlx); t2: fence(acq) load(a,rlx) r(x)",
            &expect!["t1 writes at 1, t2 reads at 6"],
        );
        check(
            "t1: w(x) fence(sc); t2: fence(sc) r(x)",
            &expect!["t1 writes at 1, t2 reads at 4"],
        );
    }

    #[test]
    fn channels_order_message_by_message() {
        check("t1: w(x) send(c); t2: recv(c) r(x)", &expect![""]);
        check(
            "t1: send(c) w(x) send(c); t2: recv(c) r(x)",
            &expect!["t1 writes at 2, t2 reads at 5"],
        );
        check(
            "t1: send(c) w(x) send(c); t2: recv(c) recv(c) r(x)",
            &expect![""],
        );
    }

    #[test]
    fn whoever_leaves_a_meeting_comes_after_all_who_arrived() {
        check(
            "t1: w(x) arrive(b); t2: w(y) arrive(b) leave(b) r(x); t1: leave(b) r(y)",
            &expect![""],
        );
    }

    #[test]
    fn what_only_follows_from_a_race_is_not_told() {
        // The read of x can only be reached once y is written, so the accesses to x are ordered after the first race.
        check(
            "t1: w(x) w(y); t2: r(y) r(x)",
            &expect!["t1 writes at 2, t2 reads at 3"],
        );
        let (events, _) = notation::parse("t1: w(x) w(y); t2: r(y) r(x)");
        assert_eq!(races(&events, Order::HappensBefore), [(2, 3), (1, 4)]);
    }

    #[test]
    fn a_moment_known_from_a_race_brings_no_more_than_it_knew() {
        // t2 learns a moment of t1 by a race. What t1 learns later must still come over with the lock.
        check(
            "t3: w(z) acq(m) rel(m); t1: w(x); t2: r(x); t1: acq(m) rel(m) acq(l) rel(l); t2: acq(l) rel(l) r(z)",
            &expect!["t1 writes at 4, t2 reads at 5"],
        );
    }

    mod oracle {
        use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

        use super::{BTreeSet, Event, Order, races};
        use crate::event::Op;
        use crate::made::traces;
        use crate::oracle::{Reorderings, truth};

        /// The order by its definition: from each event, everything that can be reached by an edge.
        fn ordered(events: &[Event], order: Order) -> Vec<BTreeSet<usize>> {
            let mut before: Vec<BTreeSet<usize>> = Vec::new();
            for (index, event) in events.iter().enumerate() {
                let mut mine = BTreeSet::new();
                let mut add = |earlier: usize| {
                    mine.extend(before[earlier].iter().copied());
                    mine.insert(earlier);
                };
                for (earlier, other) in events[..index].iter().enumerate() {
                    let edge = other.thread == event.thread
                        || matches!((other.op, event.op), (Op::Release(a), Op::Acquire(b)) if a == b)
                        || matches!(other.op, Op::Fork(child) if child == event.thread)
                        || matches!(event.op, Op::Join(child) if child == other.thread)
                        || matches!((other.op, event.op), (Op::Fork(a), Op::Join(b)) if a == b);
                    if edge {
                        add(earlier);
                    }
                }
                if let (Op::Read(value), true) = (event.op, order != Order::HappensBefore) {
                    let source = events[..index]
                        .iter()
                        .rposition(|e| e.op == Op::Write(value));
                    source.into_iter().for_each(add);
                }
                before.push(mine);
            }
            before
        }

        /// The events that race with an earlier one, by the definition.
        fn racy(events: &[Event], order: Order) -> BTreeSet<u64> {
            let before = ordered(events, order);
            let mut racy = BTreeSet::new();
            for later in 0..events.len() {
                // A read is judged before it comes after its own write.
                let mut known: BTreeSet<usize> = BTreeSet::new();
                for earlier in 0..later {
                    let same = events[earlier].thread == events[later].thread
                        || matches!(events[earlier].op, Op::Fork(child) if child == events[later].thread);
                    if same {
                        known.extend(before[earlier].iter().copied());
                        known.insert(earlier);
                    }
                }
                for earlier in 0..later {
                    let conflict = match (events[earlier].op, events[later].op) {
                        (Op::Write(a), Op::Read(b) | Op::Write(b))
                        | (Op::Read(a), Op::Write(b)) => a == b,
                        _ => false,
                    };
                    if conflict && !known.contains(&earlier) {
                        racy.insert(events[later].line);
                    }
                }
            }
            racy
        }

        fn later(races: &[(u64, u64)]) -> BTreeSet<u64> {
            races.iter().map(|&(_, later)| later).collect()
        }

        proptest! {
            #![proptest_config(ProptestConfig::with_cases(400))]

            #[test]
            fn the_events_that_race_are_those_of_the_definition(events in traces(4, 24)) {
                for order in [Order::HappensBefore, Order::Schedulable] {
                    prop_assert_eq!(later(&races(&events, order)), racy(&events, order));
                }
            }

            #[test]
            fn every_race_can_be_scheduled(events in traces(3, 14)) {
                let exact = truth(&events, Reorderings::All);
                for order in [Order::Schedulable, Order::Coarse] {
                    for (earlier, later) in races(&events, order) {
                        prop_assert!(
                            exact.races.contains(&(earlier as usize, later as usize)),
                            "{:?}: {} and {}", order, earlier, later
                        );
                    }
                }
            }

            #[test]
            fn the_first_race_is_never_missed(events in traces(4, 24)) {
                let first = |order| races(&events, order).first().map(|&(_, later)| later);
                prop_assert_eq!(first(Order::Coarse), first(Order::HappensBefore));
                prop_assert_eq!(first(Order::Schedulable), first(Order::HappensBefore));
            }
        }
    }
}
