//! Partial-order sampling (Yuan, Yang and Gu, "Partial Order Aware Concurrency Sampling", 2018).
//!
//! Every operation that a thread is about to do has a random priority, and the highest goes first. After it, those that
//! raced with it draw theirs again: that makes the orders that matter more equally likely than a random walk does.

use super::{Options, Strategy, View};
use crate::op::Tid;
use crate::rng::Rng;

/// See the module.
#[derive(Debug)]
pub struct Pos {
    rng: Rng,
    /// By thread: the priority of the operation that it is about to do, and which of its operations that is.
    priorities: Vec<(u64, u32)>,
}

impl Default for Pos {
    fn default() -> Self {
        Self {
            rng: Rng::new(0),
            priorities: Vec::new(),
        }
    }
}

impl Pos {
    fn priority(&mut self, view: &View<'_>, tid: Tid) -> u64 {
        if self.priorities.len() <= tid.index() {
            self.priorities.resize(tid.index() + 1, (0, 0));
        }
        let step = view.world.thread(tid).steps;
        if self.priorities[tid.index()].1 != step {
            self.priorities[tid.index()] = (self.rng.draw(), step);
        }
        self.priorities[tid.index()].0
    }

    /// Who raced with the chosen one draws anew.
    fn draw_again(&mut self, view: &View<'_>, chosen: Tid) {
        let op = view.op(chosen);
        for &tid in view.runnable {
            if tid != chosen && view.op(tid).depends_on(op) {
                self.priorities[tid.index()].1 = u32::MAX;
            }
        }
    }
}

impl Strategy for Pos {
    fn begin(&mut self, seed: u64) -> bool {
        self.rng = Rng::new(seed);
        self.priorities.clear();
        true
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        let by_priority = |&tid: &Tid| self.priority(view, tid);
        let chosen = view.runnable.iter().copied().max_by_key(by_priority);
        let chosen = chosen.unwrap_or_default();
        self.draw_again(view, chosen);
        chosen
    }

    fn choose_option(&mut self, options: &Options<'_>) -> usize {
        options.draw(&mut self.rng)
    }
}
