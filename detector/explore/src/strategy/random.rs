//! The random walk: any runnable thread, each as likely.

use super::{Options, Strategy, View};
use crate::op::Tid;
use crate::rng::Rng;

/// See the module.
#[derive(Debug)]
pub struct Random {
    rng: Rng,
}

impl Default for Random {
    fn default() -> Self {
        Self { rng: Rng::new(0) }
    }
}

impl Strategy for Random {
    fn begin(&mut self, seed: u64) -> bool {
        self.rng = Rng::new(seed);
        true
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        *self.rng.pick(view.runnable)
    }

    fn choose_option(&mut self, options: &Options<'_>) -> usize {
        options.draw(&mut self.rng)
    }
}
