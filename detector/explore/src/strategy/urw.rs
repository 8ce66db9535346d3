//! The uniform random walk (Zhao, Wolff, Mathur and Roychoudhury, "Selectively Uniform Concurrency Testing", 2025).
//!
//! A thread is chosen in proportion to how many operations it has left, with those of the threads that it is still to
//! start: then, if the counts are right, every interleaving is as likely. They are those of earlier executions.

use rustc_hash::FxHashMap;

use super::census::{Census, draw};
use super::{Options, Strategy, View};
use crate::op::Tid;
use crate::rng::Rng;
use crate::run::Run;

/// See the module.
#[derive(Debug)]
pub struct Urw {
    rng: Rng,
    census: Census,
    /// What each thread has left to do, by its key.
    left: FxHashMap<u64, u32>,
}

impl Default for Urw {
    fn default() -> Self {
        Self {
            rng: Rng::new(0),
            census: Census::default(),
            left: FxHashMap::default(),
        }
    }
}

impl Strategy for Urw {
    fn begin(&mut self, seed: u64) -> bool {
        self.rng = Rng::new(seed);
        self.left.clone_from(&self.census.threads);
        true
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        if let [only] = view.runnable {
            self.take(view.key(*only));
            return *only;
        }
        let weights = self.census.weights(&self.left, view.world);
        // A thread that nothing is left of by the count does something all the same.
        let weight = |tid| {
            weights
                .get(&view.key(tid))
                .map_or(1, |&weight| weight.max(1))
        };
        let chosen = draw(view.runnable, weight, &mut self.rng);
        self.take(view.key(chosen));
        chosen
    }

    fn choose_option(&mut self, options: &Options<'_>) -> usize {
        options.draw(&mut self.rng)
    }

    fn end(&mut self, run: &Run, _is_new: bool) {
        self.census.take(run);
    }
}

impl Urw {
    fn take(&mut self, key: u64) {
        if let Some(left) = self.left.get_mut(&key) {
            *left = left.saturating_sub(1);
        }
    }
}
