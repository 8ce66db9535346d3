//! Dynamic partial-order reduction: every interleaving that differs in the order of what matters, once each.
//!
//! **Follows** source-DPOR with sleep sets (Abdulla, Aronis, Jonsson and Sagonas, "Optimal Dynamic Partial Order
//! Reduction", 2014). After each execution, every pair of operations that raced marks the state before the first one as
//! a place to go another way, unless a thread that would lead there is marked already. An operation that never got its
//! turn counts as one that comes last. An execution in which only threads asleep are left repeats another one; it is
//! run to its end but not looked at.
//!
//! Releases are part of the step before them: they commute to the left, so no order is missed. Choices besides the next
//! thread are part of it too, and all of their options are tried before the thread counts as done: a thread that sleeps
//! does so for whatever it could choose.

mod forks;
mod past;

use self::forks::Forks;
use self::past::{Event, Past};
use super::{Options, Strategy, View};
use crate::op::{Op, Tid};
use crate::run::{Run, Step};

/// A state of the last execution, and what is to be done from there.
#[derive(Debug)]
struct Frame {
    runnable: Box<[Tid]>,
    chosen: Tid,
    /// What the chosen thread did, with all that followed from it and can matter to others.
    ops: Vec<Op>,
    /// The choices that followed from it.
    forks: Forks,
    /// What followed with other options.
    others: Vec<Op>,
    /// Threads to go on with from here, those done included.
    branches: Vec<Tid>,
    /// Threads whose next operation need not be tried: everything that begins with it was seen.
    asleep: Vec<(Tid, Vec<Op>)>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Dpor {
    /// The choices before the first state.
    opening: Forks,
    frames: Vec<Frame>,
    depth: usize,
    /// The first frame whose choice is new in this execution.
    fresh: usize,
    /// Whether the execution repeats another one from some point on.
    is_redundant: bool,
    /// What threads that could not go on were about to do where it began to repeat.
    blocked: Vec<(Tid, Op)>,
    redundant: usize,
    is_exhausted: bool,
}

impl Dpor {
    /// How many executions turned out to repeat others.
    #[must_use]
    pub fn redundant(&self) -> usize {
        self.redundant
    }

    fn asleep_after(&self, view: &View<'_>) -> Vec<(Tid, Vec<Op>)> {
        let Some(last) = self.frames.last() else {
            return Vec::new();
        };
        let done = telling(view.since);
        let stays = |(tid, ops): &&(Tid, Vec<Op>)| *tid != last.chosen && !depend(ops, &done);
        last.asleep.iter().filter(stays).cloned().collect()
    }

    fn explore(&mut self, view: &View<'_>) -> Tid {
        let asleep = self.asleep_after(view);
        let is_awake = |tid: &Tid| asleep.iter().all(|(sleeper, _)| sleeper != tid);
        let awake = || view.runnable.iter().copied().filter(is_awake);
        let stay = awake().find(|tid| *tid == view.current);
        let Some(chosen) = stay.or_else(|| awake().next()) else {
            self.is_redundant = true;
            self.blocked = blocked(view);
            return view.runnable[0];
        };
        self.frames.push(Frame {
            runnable: view.runnable.into(),
            chosen,
            ops: Vec::new(),
            forks: Forks::default(),
            others: Vec::new(),
            branches: vec![chosen],
            asleep,
        });
        chosen
    }

    /// Marks where the races of the last execution could have gone the other way.
    fn learn(&mut self, run: &Run) {
        let mut past = Past::new(run);
        let mut rest = run.steps();
        while let Some(first) = rest.iter().position(|step| step.was_chosen) {
            past.slip(&rest[..first]);
            rest = &rest[first..];
            let Some(frame) = self.frames.get_mut(past.len()) else {
                // What follows repeats another execution, or was not for the strategy to decide. But what was done so far may
                // have kept somebody from going on.
                for (thread, op) in std::mem::take(&mut self.blocked) {
                    let event = past.event(thread, vec![op]);
                    self.reverse_races(&past, &event);
                }
                return;
            };
            let end = 1 + rest[1..].iter().take_while(|step| !step.was_chosen).count();
            frame.ops = telling(&rest[..end]);
            let event = past.event(rest[0].thread, frame.ops.clone());
            if past.len() >= self.fresh {
                self.reverse_races(&past, &event);
            }
            past.take(event);
            rest = &rest[1..];
        }
        past.slip(rest);
        if !self.is_redundant {
            for event in past.unfinished(run) {
                self.reverse_races(&past, &event);
            }
        }
    }

    fn reverse_races(&mut self, past: &Past, last: &Event) {
        let could_go = |first: usize| self.frames[first].runnable.contains(&last.thread);
        for first in past.races(last, &could_go) {
            let initials = past.initials(first, last);
            let frame = &mut self.frames[first];
            let is_covered = |tid: &Tid| {
                frame.branches.contains(tid)
                    || frame.asleep.iter().any(|(sleeper, _)| sleeper == tid)
            };
            if initials.iter().any(is_covered) {
                continue;
            }
            let can_go = |tid: &&Tid| frame.runnable.contains(tid);
            let own = initials
                .iter()
                .find(|&&tid| tid == last.thread)
                .filter(can_go);
            if let Some(&branch) = own.or_else(|| initials.iter().find(can_go)) {
                frame.branches.push(branch);
            }
        }
    }

    /// Goes to the deepest state with something left to do: another option of a choice, or another thread.
    fn backtrack(&mut self) {
        while let Some(frame) = self.frames.last_mut() {
            frame.others.append(&mut frame.ops);
            if frame.forks.advance() {
                self.fresh = self.frames.len() - 1;
                return;
            }
            frame
                .asleep
                .push((frame.chosen, std::mem::take(&mut frame.others)));
            let is_left = |tid: &&Tid| frame.asleep.iter().all(|(sleeper, _)| sleeper != *tid);
            if let Some(&next) = frame.branches.iter().find(is_left) {
                frame.chosen = next;
                self.fresh = self.frames.len() - 1;
                return;
            }
            self.frames.pop();
        }
        self.fresh = 0;
        self.is_exhausted = !self.opening.advance();
    }
}

impl Strategy for Dpor {
    fn begin(&mut self, _seed: u64) -> bool {
        self.depth = 0;
        self.is_redundant = false;
        self.blocked.clear();
        self.opening.begin();
        !self.is_exhausted
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        if self.is_redundant {
            return view.runnable[0];
        }
        let depth = self.depth;
        self.depth += 1;
        if depth == self.frames.len() {
            return self.explore(view);
        }
        let frame = &mut self.frames[depth];
        // In a program that is not deterministic, the same path may lead elsewhere.
        if !view.runnable.contains(&frame.chosen) {
            self.is_redundant = true;
            self.frames.truncate(depth);
            return view.runnable[0];
        }
        frame.forks.begin();
        frame.chosen
    }

    fn choose_option(&mut self, options: &Options<'_>) -> usize {
        if self.is_redundant {
            return 0;
        }
        let forks = match self.depth.checked_sub(1) {
            None => &mut self.opening,
            Some(last) => &mut self.frames[last].forks,
        };
        forks.choose(options.count)
    }

    fn end(&mut self, run: &Run, _is_new: bool) {
        self.redundant += usize::from(self.is_redundant);
        self.frames.truncate(self.depth);
        self.opening.end();
        self.frames.iter_mut().for_each(|frame| frame.forks.end());
        self.learn(run);
        self.backtrack();
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn is_exhausted(&self) -> bool {
        self.is_exhausted
    }
}

/// What the threads that cannot go on are about to do.
fn blocked(view: &View<'_>) -> Vec<(Tid, Op)> {
    let threads = (0_u32..).map(Tid).zip(view.world.threads());
    threads
        .filter(|(tid, _)| !view.runnable.contains(tid))
        .filter_map(|(tid, thread)| Some((tid, thread.pending?)))
        .collect()
}

/// What of some steps can matter to others.
fn telling(steps: &[Step]) -> Vec<Op> {
    let telling = |step: &&Step| step.was_chosen || step.op.is_telling();
    steps.iter().filter(telling).map(|step| step.op).collect()
}

/// Whether the order of what two threads do can matter.
fn depend(one: &[Op], other: &[Op]) -> bool {
    one.iter()
        .any(|op| other.iter().any(|other| op.depends_on(other)))
}
