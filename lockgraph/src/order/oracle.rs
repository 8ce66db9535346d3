//! The engine against a slow and obvious judge: all cycles, all choices, all rules, on random traces.

use std::collections::{BTreeMap, BTreeSet};

use model::event::{Attempt, Event, Mode, Op};
use model::finding::Role;
use model::id::{LockId, ThreadId};
use proptest::prelude::*;

use crate::fold::LockOrder;

/// A cycle as its locks, beginning with the lowest.
type Ring = Vec<u32>;

/// One acquisition as it happened.
#[derive(Clone, Debug)]
struct Moment {
    event: usize,
    thread: ThreadId,
    lock: LockId,
    mode: Mode,
    attempt: Attempt,
    held: Vec<(LockId, Mode)>,
}

/// Everything that happened, and which events lie before which.
struct History {
    moments: Vec<Moment>,
    before: Vec<Vec<bool>>,
}

impl History {
    fn new(events: &[Event]) -> Self {
        let mut held: BTreeMap<ThreadId, Vec<(LockId, Mode)>> = BTreeMap::new();
        let mut moments = Vec::new();
        for (event, &Event { thread, op, .. }) in events.iter().enumerate() {
            let held = held.entry(thread).or_default();
            match op {
                Op::Acquire {
                    lock,
                    mode,
                    attempt,
                } => {
                    moments.push(Moment {
                        event,
                        thread,
                        lock,
                        mode,
                        attempt,
                        held: held.clone(),
                    });
                    held.push((lock, mode));
                }
                Op::Release { lock } => {
                    let place = held.iter().rposition(|held| held.0 == lock).unwrap();
                    held.remove(place);
                }
                _ => {}
            }
        }
        Self {
            moments,
            before: closure(events),
        }
    }

    fn meet(&self, one: &Moment, other: &Moment) -> bool {
        let is_gate = |&(lock, mode): &(LockId, Mode)| {
            let mut others = other.held.iter();
            others.any(|held| {
                held.0 == lock && (mode == Mode::Exclusive || held.1 == Mode::Exclusive)
            })
        };
        one.thread != other.thread
            && !self.before[one.event][other.event]
            && !self.before[other.event][one.event]
            && !one.held.iter().any(is_gate)
    }

    /// Whether some choice of moments makes these locks a ring.
    fn is_guilty(&self, ring: &[u32]) -> bool {
        self.choose(ring, &mut Vec::new())
    }

    /// Tries every moment for the next step. A choice is a moment and how its first lock is held.
    fn choose(&self, ring: &[u32], chosen: &mut Vec<(Moment, Mode)>) -> bool {
        let at = chosen.len();
        if at == ring.len() {
            let parties = chosen.iter().map(|(moment, _)| moment.clone()).collect();
            return self.queue(ring, chosen, 0, parties);
        }
        let (from, to) = (ring[at], ring[(at + 1) % ring.len()]);
        for moment in &self.moments {
            let fits = moment.lock.0 == to
                && moment.attempt == Attempt::Blocking
                && chosen.iter().all(|(other, _)| self.meet(moment, other));
            for &(lock, mode) in moment.held.iter().filter(|held| held.0.0 == from) {
                if fits && (lock != moment.lock || ring.len() == 1) {
                    chosen.push((moment.clone(), mode));
                    if self.choose(ring, chosen) {
                        return true;
                    }
                    chosen.pop();
                }
            }
        }
        false
    }

    /// Tries every writer for each lock at which reader meets reader, from the lock at this place on.
    fn queue(
        &self,
        ring: &[u32],
        chosen: &[(Moment, Mode)],
        at: usize,
        parties: Vec<Moment>,
    ) -> bool {
        if at == ring.len() {
            return true;
        }
        let asked = chosen[(at + ring.len() - 1) % ring.len()].0.mode;
        let held = chosen[at].1;
        if asked == Mode::Exclusive || held == Mode::Exclusive {
            // One thread alone is no ring: it waits for itself at once.
            return ring.len() > 1 && self.queue(ring, chosen, at + 1, parties);
        }
        self.moments
            .iter()
            .filter(|moment| {
                moment.lock.0 == ring[at]
                    && moment.mode == Mode::Exclusive
                    && moment.attempt == Attempt::Blocking
                    && parties.iter().all(|party| self.meet(moment, party))
            })
            .any(|writer| {
                let mut parties = parties.clone();
                parties.push(writer.clone());
                self.queue(ring, chosen, at + 1, parties)
            })
    }
}

/// Which events lie before which, by the order of each thread, forks and joins.
fn closure(events: &[Event]) -> Vec<Vec<bool>> {
    let count = events.len();
    let mut before = vec![vec![false; count]; count];
    for later in 0..count {
        for earlier in 0..later {
            let forks = |child| events[earlier].op == Op::Fork { child };
            let joins = |child| events[later].op == Op::Join { child };
            let direct = events[earlier].thread == events[later].thread
                || forks(events[later].thread)
                || joins(events[earlier].thread)
                || (0..THREADS).any(|idle| forks(ThreadId(idle)) && joins(ThreadId(idle)));
            if direct {
                before[earlier][later] = true;
                for row in &mut before {
                    row[later] |= row[earlier];
                }
            }
        }
    }
    before
}

/// All cycles through up to `locks` locks.
fn rings(locks: u32) -> Vec<Ring> {
    fn grow(ring: &mut Ring, locks: u32, all: &mut Vec<Ring>) {
        all.push(ring.clone());
        for lock in ring[0] + 1..=locks {
            if !ring.contains(&lock) {
                ring.push(lock);
                grow(ring, locks, all);
                ring.pop();
            }
        }
    }
    let mut all = Vec::new();
    (1..=locks).for_each(|lock| grow(&mut vec![lock], locks, &mut all));
    all
}

/// What a thread wishes to do in a row; what cannot be done is left out of the trace.
#[derive(Clone, Debug)]
struct Wish {
    thread: u32,
    /// Each with a number: of a lock or a thread.
    steps: Vec<(Want, u32)>,
    /// Whether it gives back what it holds in the end.
    ends: bool,
}

/// One wish.
#[derive(Clone, Copy, Debug)]
enum Want {
    Lock(Mode, Attempt),
    Fork,
    Join,
    Retire,
}

const THREADS: u32 = 5;

/// Makes a trace that could happen of wishes.
#[derive(Default)]
struct Script {
    events: Vec<Event>,
    held: BTreeMap<u32, Vec<(u32, Mode)>>,
    begun: BTreeSet<u32>,
    joined: BTreeSet<u32>,
    retired: BTreeSet<u32>,
}

impl Script {
    fn of(wishes: &[Wish]) -> Vec<Event> {
        let mut script = Self::default();
        wishes.iter().for_each(|wish| script.grant(wish));
        script.events
    }

    fn grant(&mut self, wish: &Wish) {
        let thread = wish.thread;
        if self.joined.contains(&thread) {
            return;
        }
        for &(want, number) in &wish.steps {
            let op = match want {
                Want::Lock(mode, attempt) => self.acquire(thread, number, mode, attempt),
                Want::Fork => self.fork(thread, number % THREADS),
                Want::Join => self.join(thread, number % THREADS),
                Want::Retire => self.retire(number),
            };
            self.push(thread, op);
        }
        while wish.ends
            && let Some(op) = self.release(thread)
        {
            self.push(thread, Some(op));
        }
    }

    fn push(&mut self, thread: u32, op: Option<Op>) {
        if let Some(op) = op {
            self.begun.insert(thread);
            self.events.push(Event::new(ThreadId(thread), op));
        }
    }

    fn acquire(&mut self, thread: u32, lock: u32, mode: Mode, attempt: Attempt) -> Option<Op> {
        let mut holds = self.held.values().flatten().filter(|held| held.0 == lock);
        let is_free = holds.all(|held| (held.1, mode) == (Mode::Shared, Mode::Shared));
        if !is_free || self.retired.contains(&lock) {
            return None;
        }
        self.held.entry(thread).or_default().push((lock, mode));
        Some(Op::Acquire {
            lock: LockId(lock),
            mode,
            attempt,
        })
    }

    fn release(&mut self, thread: u32) -> Option<Op> {
        let (lock, _) = self.held.get_mut(&thread)?.pop()?;
        Some(Op::Release { lock: LockId(lock) })
    }

    fn fork(&mut self, thread: u32, child: u32) -> Option<Op> {
        (child != thread && self.begun.insert(child)).then_some(Op::Fork {
            child: ThreadId(child),
        })
    }

    fn join(&mut self, thread: u32, child: u32) -> Option<Op> {
        let is_done = self.held.get(&child).is_none_or(Vec::is_empty);
        (child != thread && is_done && self.begun.contains(&child) && self.joined.insert(child))
            .then_some(Op::Join {
                child: ThreadId(child),
            })
    }

    fn retire(&mut self, lock: u32) -> Option<Op> {
        let is_free = self.held.values().flatten().all(|held| held.0 != lock);
        (is_free && self.retired.insert(lock)).then_some(Op::Retire { lock: LockId(lock) })
    }
}

/// The rings that the engine tells.
fn told(events: &[Event]) -> BTreeSet<Ring> {
    let mut engine = LockOrder::default();
    events.iter().for_each(|event| engine.observe(event));
    let found = engine.finish();
    let rings = found.iter().map(|found| {
        let labels = found.finding.labels.iter();
        let length = labels.filter(|label| label.role == Role::Primary).count();
        let objects = found.finding.objects[..length].iter();
        let mut ring: Ring = objects
            .map(|object| object.name.as_deref().unwrap()[1..].parse().unwrap())
            .collect();
        let lowest = (0..length).min_by_key(|&place| ring[place]).unwrap();
        ring.rotate_left(lowest);
        ring
    });
    rings.collect()
}

/// Random wishes; the weights are of fork, join and retire beside 16 locks.
fn wishes(locks: u32, most: usize, weights: [u32; 3]) -> impl Strategy<Value = Vec<Wish>> {
    let mode = prop_oneof![3 => Just(Mode::Exclusive), 2 => Just(Mode::Shared)];
    let attempt = prop_oneof![8 => Just(Attempt::Blocking), 1 => Just(Attempt::Try)];
    let [fork, join, retire] = weights;
    let want = prop_oneof![
        16 => (mode, attempt).prop_map(|(mode, attempt)| Want::Lock(mode, attempt)),
        fork => Just(Want::Fork),
        join => Just(Want::Join),
        retire => Just(Want::Retire),
    ];
    let steps = prop::collection::vec((want, 1..=locks), 1..4);
    let wish =
        (0..THREADS, steps, prop::bool::weighted(0.9)).prop_map(|(thread, steps, ends)| Wish {
            thread,
            steps,
            ends,
        });
    prop::collection::vec(wish, 0..most)
}

fn guilty(events: &[Event], locks: u32) -> BTreeSet<Ring> {
    let history = History::new(events);
    let rings = rings(locks).into_iter();
    rings.filter(|ring| history.is_guilty(ring)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn rings_are_those_of_the_judge(wishes in wishes(3, 24, [2, 1, 0])) {
        let events = Script::of(&wishes);
        prop_assert_eq!(told(&events), guilty(&events, 3), "{}", show(&events));
    }

    #[test]
    fn rings_of_five_locks_are_those_of_the_judge(wishes in wishes(5, 40, [0, 0, 0])) {
        let events = Script::of(&wishes);
        prop_assert_eq!(told(&events), guilty(&events, 5), "{}", show(&events));
    }

    #[test]
    fn rings_through_destroyed_locks_are_those_of_the_judge(wishes in wishes(5, 24, [1, 1, 2])) {
        let events = Script::of(&wishes);
        prop_assert_eq!(told(&events), guilty(&events, 5), "{}", show(&events));
    }
}

/// The trace in the text form of `model::trace`.
fn show(events: &[Event]) -> String {
    let steps = events.iter().map(|event| {
        let step = match event.op {
            Op::Acquire {
                lock,
                mode,
                attempt,
            } => {
                let sign = if attempt == Attempt::Try { '?' } else { '+' };
                let suffix = if mode == Mode::Shared { "/r" } else { "" };
                format!("{sign}l{}{suffix}", lock.0)
            }
            Op::Release { lock } => format!("-l{}", lock.0),
            Op::Retire { lock } => format!("~l{}", lock.0),
            Op::Fork { child } => format!(">t{}", child.0),
            Op::Join { child } => format!("<t{}", child.0),
            _ => String::new(),
        };
        format!("t{}: {step}", event.thread.0)
    });
    steps.collect::<Vec<_>>().join("; ")
}

#[test]
fn the_random_traces_have_rings_to_find() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut lengths = [0; 6];
    for _ in 0..500 {
        let wishes = wishes(5, 40, [1, 0, 0]).new_tree(&mut runner).unwrap();
        let rings = guilty(&Script::of(&wishes.current()), 5);
        rings.iter().for_each(|ring| lengths[ring.len()] += 1);
    }
    let are_many = lengths[1..=4].iter().all(|&count| count >= 20);
    assert!(are_many, "rings by length: {lengths:?}");
}
