//! Follows another strategy, and in between steers to what could happen, for as long as there is something to hunt.

use std::collections::VecDeque;

use model::site::Site;

use super::steer::Steer;
use super::{Options, Strategy, View};
use crate::op::Tid;
use crate::run::Run;

/// How many executions are steered to each target.
const TRIES: usize = 30;

/// See the module.
#[derive(Debug)]
pub struct Hunt {
    usual: Box<dyn Strategy>,
    targets: VecDeque<Target>,
    is_steering: bool,
}

#[derive(Debug)]
struct Target {
    steer: Steer,
    tries: usize,
}

impl Hunt {
    /// Follows this strategy where there is nothing to hunt.
    #[must_use]
    pub fn new(usual: Box<dyn Strategy>) -> Self {
        Self {
            usual,
            targets: VecDeque::new(),
            is_steering: false,
        }
    }

    fn strategy(&mut self) -> &mut dyn Strategy {
        match self.targets.front_mut() {
            Some(target) if self.is_steering => &mut target.steer,
            _ => &mut *self.usual,
        }
    }
}

impl Strategy for Hunt {
    fn begin(&mut self, seed: u64) -> bool {
        self.is_steering = !self.targets.is_empty();
        self.strategy().begin(seed)
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        self.strategy().choose(view)
    }

    fn choose_option(&mut self, options: &Options<'_>) -> usize {
        self.strategy().choose_option(options)
    }

    fn end(&mut self, run: &Run, is_new: bool) {
        if !self.is_steering {
            return self.usual.end(run, is_new);
        }
        // Every target gets its turn, so that one that is never reached does not hold up the others.
        let target = self.targets.pop_front();
        let left = target.map(|target| Target {
            tries: target.tries - 1,
            ..target
        });
        self.targets.extend(left.filter(|target| target.tries > 0));
    }

    fn aim(&mut self, places: Vec<Site>) {
        self.targets.push_back(Target {
            steer: Steer::new(places),
            tries: TRIES,
        });
    }

    fn forget(&mut self) {
        self.usual.forget();
    }

    fn missed(&self) -> usize {
        self.usual.missed()
    }

    fn is_exhausted(&self) -> bool {
        self.usual.is_exhausted()
    }
}

#[cfg(test)]
mod tests {
    use super::Hunt;
    use crate::run::Run;
    use crate::strategy::Strategy;
    use crate::strategy::dfs::Dfs;

    #[test]
    fn targets_take_turns_and_are_given_up() {
        let mut hunt = Hunt::new(Box::new(Dfs::default()));
        hunt.aim(Vec::new());
        hunt.aim(Vec::new());
        let mut steered = 0;
        for seed in 0..100 {
            assert!(hunt.begin(seed));
            steered += usize::from(hunt.is_steering);
            if !hunt.is_steering {
                break;
            }
            hunt.end(&Run::new(1), true);
        }
        assert_eq!(steered, 2 * super::TRIES);
    }
}
