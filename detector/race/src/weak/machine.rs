//! Runs small programs on the engine: every way, or one of many by a seed.

use std::collections::BTreeSet;

use super::fences::Fences;
use super::history::History;
use super::program::{Act, Outcome, Program, Step};
use crate::epoch::{Epoch, Slot};
use crate::local::Local;
use crate::location::{acquires, releases};
use crate::stamp::Stamp;

/// One of so many.
pub(super) trait Chooser {
    fn choose(&mut self, count: usize) -> usize;
}

/// Every outcome that the engine has.
pub(super) fn outcomes(program: &Program) -> BTreeSet<Outcome> {
    let mut all = BTreeSet::new();
    let mut every = Every::default();
    loop {
        all.insert(run(program, &mut every));
        if !every.advance() {
            return all;
        }
    }
}

/// The outcome of a seed.
pub(super) fn outcome(program: &Program, seed: u64) -> Outcome {
    run(program, &mut Seed(seed))
}

/// Goes through all choices, depth first.
#[derive(Default)]
struct Every {
    path: Vec<(usize, usize)>,
    depth: usize,
}

impl Chooser for Every {
    fn choose(&mut self, count: usize) -> usize {
        if self.depth == self.path.len() {
            self.path.push((0, count));
        }
        self.depth += 1;
        self.path[self.depth - 1].0
    }
}

impl Every {
    /// Whether there is another way.
    fn advance(&mut self) -> bool {
        self.depth = 0;
        while let Some((choice, count)) = self.path.pop() {
            if choice + 1 < count {
                self.path.push((choice + 1, count));
                return true;
            }
        }
        false
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Seed(u64);

impl Chooser for Seed {
    fn choose(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) % count as u64) as usize
    }
}

struct Machine<'p> {
    program: &'p Program,
    threads: Vec<Local>,
    next: Vec<usize>,
    atomics: Vec<History<u8>>,
    fences: Fences,
    read: Vec<Vec<u8>>,
}

fn run(program: &Program, chooser: &mut dyn Chooser) -> Outcome {
    let count = program.0.len();
    let local = |slot| Local::new(Epoch::first(Slot(slot as u32)), &Stamp::NONE);
    let mut machine = Machine {
        program,
        threads: (0..count).map(local).collect(),
        next: vec![0; count],
        atomics: (0..program.places()).map(|_| History::new(0)).collect(),
        fences: Fences::default(),
        read: vec![Vec::new(); count],
    };
    while machine.step(chooser) {}
    Outcome {
        left: machine
            .atomics
            .iter()
            .map(|atomic| *atomic.latest())
            .collect(),
        read: machine.read,
    }
}

impl Machine<'_> {
    fn step(&mut self, chooser: &mut dyn Chooser) -> bool {
        let steps = self.program.0.iter();
        let left: Vec<usize> = steps
            .zip(&self.next)
            .enumerate()
            .filter(|(_, (steps, next))| **next < steps.len())
            .map(|(thread, _)| thread)
            .collect();
        if left.is_empty() {
            return false;
        }
        let thread = left[chooser.choose(left.len())];
        let step = self.program.0[thread][self.next[thread]];
        self.next[thread] += 1;
        let read = self.carry_out(thread, step, chooser);
        self.read[thread].extend(read);
        true
    }

    fn carry_out(&mut self, thread: usize, step: Step, chooser: &mut dyn Chooser) -> Option<u8> {
        let Step { act, order, place } = step;
        let (local, fences) = (&mut self.threads[thread], &mut self.fences);
        if act == Act::Fence {
            if order == std::sync::atomic::Ordering::SeqCst {
                let slot = Slot(self.program.0.len() as u32);
                fences.pass(local, || Epoch::first(slot));
            } else {
                local.fence(acquires(order), releases(order));
            }
            return None;
        }
        let atomic = &mut self.atomics[place];
        let latest = *atomic.latest();
        match act {
            Act::Store(value) => {
                atomic.store(local, order, fences, value);
                None
            }
            Act::Swap(value) => {
                atomic.update(local, order, fences, value);
                Some(latest)
            }
            Act::Load => {
                let count = atomic.readable(local, order, fences).count();
                Some(*atomic.load(local, order, fences, chooser.choose(count)))
            }
            Act::Exchange { from, to, failure } => {
                let readable = atomic.readable(local, failure, fences).enumerate();
                let fits = |&(back, value): &(usize, &u8)| back == 0 || *value != from;
                let ways: Vec<usize> = readable.filter(fits).map(|(back, _)| back).collect();
                let back = ways[chooser.choose(ways.len())];
                if back == 0 && latest == from {
                    atomic.update(local, order, fences, to);
                    return Some(latest);
                }
                Some(*atomic.load(local, failure, fences, back))
            }
            Act::Fence => None,
        }
    }
}
