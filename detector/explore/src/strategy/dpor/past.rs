//! What happened in an execution, with the happens-before order of it: vector clocks (Mattern 1989).

use crate::op::{Act, Obj, Op, Tid};
use crate::run::{Run, Step};

/// An operation that the schedule chose, and what followed from it at once.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) thread: Tid,
    ops: Vec<Op>,
    /// What lies before it by the order within threads, and of starts and joins; once taken, everything.
    clock: Clock,
}

/// How many events of each thread lie before something.
#[derive(Clone, Debug, Default)]
struct Clock(Vec<u32>);

impl Clock {
    fn of(&self, tid: Tid) -> u32 {
        self.0.get(tid.index()).copied().unwrap_or(0)
    }

    fn set(&mut self, tid: Tid, time: u32) {
        if self.0.len() <= tid.index() {
            self.0.resize(tid.index() + 1, 0);
        }
        self.0[tid.index()] = time;
    }

    fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*theirs);
        }
    }
}

/// The events so far.
#[derive(Debug)]
pub(super) struct Past {
    events: Vec<Event>,
    threads: Vec<Clock>,
    objects: Vec<Uses>,
    scopes: Vec<(Obj, Vec<Tid>)>,
}

#[derive(Clone, Debug, Default)]
struct Uses {
    events: Vec<usize>,
    written: Clock,
    read: Clock,
}

impl Past {
    pub(super) fn new(run: &Run) -> Self {
        let objects = run.world.objects();
        let scope = |number: usize| Obj(number as u32);
        Self {
            events: Vec::new(),
            threads: vec![Clock::default(); run.world.threads().len()],
            objects: vec![Uses::default(); objects],
            scopes: (0..objects)
                .map(|number| (scope(number), run.world.scope(scope(number)).to_vec()))
                .filter(|(_, threads)| !threads.is_empty())
                .collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    /// What followed from the last event, as far as it only hands on what lies before: starts and unlocking.
    pub(super) fn slip(&mut self, steps: &[Step]) {
        for step in steps {
            let clock = self.threads[step.thread.index()].clone();
            match step.op.act {
                Act::Start(child) => self.threads[child.index()] = clock,
                _ => {
                    for object in objects(&step.op) {
                        let uses = &mut self.objects[object.index()];
                        // A reader that unlocks lets writers go on; other readers never waited for it.
                        if step.op.writes(object) {
                            uses.written.join(&clock);
                        } else {
                            uses.read.join(&clock);
                        }
                    }
                }
            }
        }
    }

    /// An event before it is known what it depends on.
    pub(super) fn event(&self, thread: Tid, ops: Vec<Op>) -> Event {
        let mut clock = self.threads[thread.index()].clone();
        for op in &ops {
            match op.act {
                Act::Join(target) => clock.join(&self.threads[target.index()]),
                Act::JoinAll => {
                    let scope = self.scopes.iter().find(|(scope, _)| *scope == op.object);
                    for member in scope.iter().flat_map(|(_, members)| members) {
                        clock.join(&self.threads[member.index()]);
                    }
                }
                _ => {}
            }
        }
        Event { thread, ops, clock }
    }

    /// What threads are about to do and never could.
    pub(super) fn unfinished(&self, run: &Run) -> Vec<Event> {
        let threads = (0_u32..).map(Tid).zip(run.world.threads());
        threads
            .filter_map(|(tid, thread)| Some(self.event(tid, vec![thread.pending?])))
            .collect()
    }

    /// Which earlier events race with this one: the order of the two matters, and nothing else decides it. `could_go`
    /// says whether the thread could have gone on where another event was chosen.
    pub(super) fn races(&self, last: &Event, could_go: &dyn Fn(usize) -> bool) -> Vec<usize> {
        let mut races = Vec::new();
        for object in last.objects() {
            for &first in self.objects[object.index()].events.iter().rev() {
                let event = &self.events[first];
                if !super::depend(&event.ops, &last.ops) {
                    continue;
                }
                let is_ordered = event.thread == last.thread || event.is_before(&last.clock);
                // Where it waits for the other one, the race is with what came before that; but not where it may have
                // waited for something else.
                let has_waited = !is_ordered && self.was_next(first, last) && !could_go(first);
                if !is_ordered && (!has_waited || last.waits_for_several()) {
                    races.push(first);
                }
                let is_certain = is_ordered || self.was_next(first, last) || !last.may_wait();
                if !has_waited && is_certain && event.writes(object) {
                    break;
                }
            }
        }
        races.sort_unstable();
        races.dedup();
        races
    }

    /// Whether the thread of `last` did nothing else since an earlier event.
    fn was_next(&self, first: usize, last: &Event) -> bool {
        self.events[first..]
            .iter()
            .all(|event| event.thread != last.thread)
    }

    /// The threads that can come first where `last` comes before `first`: of the events in between that do not depend
    /// on `first`, and `last`, those with nothing before them.
    pub(super) fn initials(&self, first: usize, last: &Event) -> Vec<Tid> {
        let origin = &self.events[first];
        let between = self.events[first + 1..].iter();
        let mut free: Vec<&Event> = between
            .filter(|event| !origin.is_before(&event.clock))
            .collect();
        free.push(last);
        let mut initials: Vec<Tid> = Vec::new();
        let mut seen: Vec<Tid> = Vec::new();
        for (place, event) in free.iter().enumerate() {
            if seen.contains(&event.thread) {
                continue;
            }
            seen.push(event.thread);
            let mut clock = event.clock.clone();
            if place == free.len() - 1 {
                clock = self.with_objects(last);
            }
            if !free[..place].iter().any(|before| before.is_before(&clock)) {
                initials.push(event.thread);
            }
        }
        initials
    }

    /// An event's clock with what lies before it because of its objects.
    fn with_objects(&self, event: &Event) -> Clock {
        let mut clock = event.clock.clone();
        for object in event.objects() {
            let uses = &self.objects[object.index()];
            clock.join(&uses.written);
            if event.writes(object) {
                clock.join(&uses.read);
            }
        }
        clock
    }

    /// An event has happened.
    pub(super) fn take(&mut self, mut event: Event) {
        let number = self.events.len();
        let time = event.clock.of(event.thread) + 1;
        event.clock = self.with_objects(&event);
        event.clock.set(event.thread, time);
        for object in event.objects() {
            let uses = &mut self.objects[object.index()];
            uses.events.push(number);
            if event.writes(object) {
                uses.written.join(&event.clock);
            } else {
                uses.read.join(&event.clock);
            }
        }
        self.threads[event.thread.index()] = event.clock.clone();
        self.events.push(event);
    }
}

impl Event {
    fn objects(&self) -> Vec<Obj> {
        let mut all: Vec<Obj> = self.ops.iter().flat_map(objects).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn writes(&self, object: Obj) -> bool {
        self.ops
            .iter()
            .any(|op| op.objects().contains(&object) && op.writes(object))
    }

    /// Whether it waits for more than one thing: a notification and a mutex, or the clock that others put forward.
    fn waits_for_several(&self) -> bool {
        let heeds_clock = |op: &Op| op.deadline().is_some_and(|until| until.clock != Obj::NONE);
        let wakes = |op: &Op| matches!(op.act, Act::Wake { .. });
        self.ops.iter().any(|op| heeds_clock(op) || wakes(op))
    }

    fn may_wait(&self) -> bool {
        self.ops.iter().any(Op::may_wait)
    }

    /// Whether it lies before what has this clock.
    fn is_before(&self, clock: &Clock) -> bool {
        clock.of(self.thread) >= self.clock.of(self.thread)
    }
}

fn objects(op: &Op) -> impl Iterator<Item = Obj> + use<> {
    op.objects()
        .into_iter()
        .filter(|&object| object != Obj::NONE)
}
