//! The truth about a small trace, by trying everything: what the engines are compared with.
//!
//! A *correct reordering* runs a prefix of every thread, keeps the rules of locks, fork and join, and lets every read that
//! it runs read from the same write as in the trace. Two accesses race if both can come next in one of them; threads
//! deadlock if in one of them each asks for a lock that the next one holds.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::event::{Event, Op};

/// Which reorderings are tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reorderings {
    /// All correct ones.
    All,
    /// Those that also keep the order of critical sections of each lock.
    SyncPreserving,
}

/// What can happen, as numbers of events.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Truth {
    pub(crate) races: BTreeSet<(usize, usize)>,
    pub(crate) deadlocks: BTreeSet<Vec<usize>>,
}

/// Tries all reorderings of a trace of reads, writes, locks, forks and joins.
pub(crate) fn truth(events: &[Event], reorderings: Reorderings) -> Truth {
    let trace = Trace::new(events, reorderings);
    let mut truth = Truth::default();
    let mut seen = HashSet::new();
    let mut open = vec![State::new(&trace)];
    while let Some(state) = open.pop() {
        if !seen.insert(state.clone()) {
            continue;
        }
        trace.judge(&state, &mut truth);
        for thread in 0..trace.threads.len() {
            open.extend(trace.step(&state, thread));
        }
    }
    truth
}

struct Trace<'a> {
    events: &'a [Event],
    reorderings: Reorderings,
    /// Per thread, its events.
    threads: Vec<Vec<usize>>,
    /// Per thread, the event that starts it.
    forks: HashMap<u32, usize>,
    /// Per read, the write that it reads from.
    sources: HashMap<usize, Option<usize>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    /// Per thread, how much of it has run.
    done: Vec<usize>,
    /// Per value, the write that it comes from.
    last: Vec<Option<usize>>,
}

impl State {
    fn new(trace: &Trace<'_>) -> Self {
        let values = trace.events.iter().filter_map(|event| value(event.op));
        Self {
            done: vec![0; trace.threads.len()],
            last: vec![None; values.max().map_or(0, |value| value as usize + 1)],
        }
    }
}

fn value(op: Op) -> Option<u32> {
    match op {
        Op::Read(value) | Op::Write(value) => Some(value),
        _ => None,
    }
}

impl<'a> Trace<'a> {
    fn new(events: &'a [Event], reorderings: Reorderings) -> Self {
        let mut trace = Self {
            events,
            reorderings,
            threads: Vec::new(),
            forks: HashMap::new(),
            sources: HashMap::new(),
        };
        let mut last = HashMap::new();
        for (index, event) in events.iter().enumerate() {
            let thread = event.thread as usize;
            if trace.threads.len() <= thread {
                trace.threads.resize(thread + 1, Vec::new());
            }
            trace.threads[thread].push(index);
            match event.op {
                Op::Fork(child) => drop(trace.forks.insert(child, index)),
                Op::Read(value) => drop(trace.sources.insert(index, last.get(&value).copied())),
                Op::Write(value) => drop(last.insert(value, index)),
                _ => {}
            }
        }
        trace
    }

    fn next(&self, state: &State, thread: usize) -> Option<usize> {
        self.threads[thread].get(state.done[thread]).copied()
    }

    fn has_run(&self, state: &State, event: usize) -> bool {
        let thread = self.events[event].thread as usize;
        self.threads[thread][..state.done[thread]].contains(&event)
    }

    /// Whether the thread could take its next step as far as starts and ends of threads go.
    fn is_free(&self, state: &State, thread: usize) -> bool {
        let is_born = state.done[thread] > 0
            || self
                .forks
                .get(&(thread as u32))
                .is_none_or(|&fork| self.has_run(state, fork));
        let waits = self.next(state, thread).is_some_and(|event| {
            matches!(self.events[event].op, Op::Join(child) if !self.has_ended(state, child))
        });
        is_born && !waits
    }

    /// Whether all that a thread does is done; it must have been started.
    fn has_ended(&self, state: &State, thread: u32) -> bool {
        let all = self.threads.get(thread as usize).map_or(0, Vec::len);
        let is_born = |&fork: &usize| self.has_run(state, fork);
        let done = state.done.get(thread as usize).copied().unwrap_or(0);
        done == all && self.forks.get(&thread).is_none_or(is_born)
    }

    /// Who holds a lock.
    fn holder(&self, state: &State, lock: u32) -> Option<usize> {
        (0..self.threads.len()).find(|&thread| {
            let done = &self.threads[thread][..state.done[thread]];
            let mut ops = done.iter().rev().map(|&event| self.events[event].op);
            let last = ops.find(|op| matches!(op, Op::Acquire(l) | Op::Release(l) if *l == lock));
            matches!(last, Some(Op::Acquire(_)))
        })
    }

    /// Whether a later critical section of this lock has run.
    fn is_overtaken(&self, state: &State, event: usize) -> bool {
        let op = self.events[event].op;
        (event + 1..self.events.len())
            .any(|later| self.events[later].op == op && self.has_run(state, later))
    }

    fn step(&self, state: &State, thread: usize) -> Option<State> {
        let event = self.next(state, thread)?;
        let mut after = state.clone();
        after.done[thread] += 1;
        let can = match self.events[event].op {
            Op::Acquire(lock) => {
                self.holder(state, lock).is_none()
                    && (self.reorderings == Reorderings::All || !self.is_overtaken(state, event))
            }
            Op::Read(value) => state.last[value as usize] == self.sources[&event],
            Op::Write(value) => {
                after.last[value as usize] = Some(event);
                true
            }
            _ => true,
        };
        (can && self.is_free(state, thread)).then_some(after)
    }

    fn judge(&self, state: &State, truth: &mut Truth) {
        let next: Vec<(usize, usize)> = (0..self.threads.len())
            .filter(|&thread| self.is_free(state, thread))
            .filter_map(|thread| Some((thread, self.next(state, thread)?)))
            .collect();
        for &(_, first) in &next {
            for &(_, second) in &next {
                if first < second && self.conflict(first, second) {
                    truth.races.insert((first, second));
                }
            }
        }
        let waits: HashMap<usize, (usize, usize)> = next
            .iter()
            .filter_map(|&(thread, event)| match self.events[event].op {
                Op::Acquire(lock) => {
                    let holder = self.holder(state, lock)?;
                    (holder != thread).then_some((thread, (event, holder)))
                }
                _ => None,
            })
            .collect();
        for &thread in waits.keys() {
            truth.deadlocks.extend(ring(thread, &waits));
        }
    }

    fn conflict(&self, first: usize, second: usize) -> bool {
        let (first, second) = (self.events[first].op, self.events[second].op);
        value(first).is_some()
            && value(first) == value(second)
            && !matches!((first, second), (Op::Read(_), Op::Read(_)))
    }
}

/// The acquisitions of the ring that a thread is part of.
fn ring(start: usize, waits: &HashMap<usize, (usize, usize)>) -> Option<Vec<usize>> {
    let (mut thread, mut events) = (start, Vec::new());
    loop {
        let &(event, holder) = waits.get(&thread)?;
        events.push(event);
        thread = holder;
        if thread == start {
            events.sort_unstable();
            return Some(events);
        }
        if events.len() > waits.len() {
            return None;
        }
    }
}
