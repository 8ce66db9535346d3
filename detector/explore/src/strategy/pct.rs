//! Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi and Nagarakatte, "A Randomized Scheduler with
//! Probabilistic Guarantees of Finding Bugs", 2010).
//!
//! Threads get random priorities, the highest runs, and at `depth - 1` random steps the one that runs falls below all
//! others. The length of the program is what it was in the longest execution so far. Where the paper has one depth,
//! the executions here take turns between 1 and `DEEPEST`. A thread that yields falls below all others too.

use super::{Options, Strategy, View};
use crate::op::Tid;
use crate::rng::Rng;
use crate::run::Run;

/// The greatest depth tried.
const DEEPEST: usize = 4;

/// See the module.
#[derive(Debug)]
pub struct Pct {
    rng: Rng,
    executions: usize,
    length: usize,
    step: usize,
    falls: Vec<usize>,
    /// By thread; higher goes first.
    priorities: Vec<i64>,
    lowest: i64,
}

impl Default for Pct {
    fn default() -> Self {
        Self {
            rng: Rng::new(0),
            executions: 0,
            length: 16,
            step: 0,
            falls: Vec::new(),
            priorities: Vec::new(),
            lowest: 0,
        }
    }
}

impl Pct {
    fn priority(&mut self, tid: Tid) -> i64 {
        while self.priorities.len() <= tid.index() {
            let priority = 1 + (self.rng.draw() >> 2) as i64;
            self.priorities.push(priority);
        }
        self.priorities[tid.index()]
    }

    fn highest(&mut self, runnable: &[Tid]) -> Tid {
        let by_priority = |&tid: &Tid| self.priority(tid);
        runnable
            .iter()
            .copied()
            .max_by_key(by_priority)
            .unwrap_or_default()
    }

    fn lower(&mut self, tid: Tid) {
        self.lowest -= 1;
        self.priorities[tid.index()] = self.lowest;
    }
}

impl Strategy for Pct {
    fn begin(&mut self, seed: u64) -> bool {
        self.rng = Rng::new(seed);
        let depth = 1 + self.executions % DEEPEST;
        self.executions += 1;
        let (rng, length) = (&mut self.rng, self.length);
        self.falls = (1..depth).map(|_| rng.below(length)).collect();
        self.step = 0;
        self.priorities.clear();
        self.lowest = 0;
        true
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        let mut chosen = self.highest(view.runnable);
        // Where only one can go on, nothing is decided, and no fall is wasted.
        if view.runnable.len() > 1 {
            let falls = self.falls.iter().filter(|&&fall| fall == self.step).count();
            self.step += 1;
            if falls > 0 || view.op(chosen).is_yield() {
                self.lower(chosen);
                chosen = self.highest(view.runnable);
            }
        }
        chosen
    }

    fn choose_option(&mut self, options: &Options<'_>) -> usize {
        options.draw(&mut self.rng)
    }

    fn end(&mut self, _run: &Run, _is_new: bool) {
        self.length = self.length.max(self.step);
    }
}
