//! Which policy to try next on a test: the one that shows most for its time, without forgetting the others.
//!
//! Discounted UCB (Garivier and Moulines, "On upper-confidence bound policies for switching bandit problems", 2011): what
//! a policy showed long ago counts less, since behaviour is new only once. Rewards are weighed against the time that a
//! run takes.

use std::time::Duration;

use crate::policy::{POLICIES, Policy};

/// What older rewards keep of their weight with each run.
const MEMORY: f64 = 0.98;

/// How strongly policies that were tried little are preferred.
const CURIOSITY: f64 = 0.6;

/// What is known of the policies on one test.
#[derive(Clone, Debug)]
pub struct Bandit {
    arms: Vec<Arm>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Arm {
    weight: f64,
    reward: f64,
    seconds: f64,
}

/// What a run showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Showed {
    /// Nothing that was not known.
    Nothing,
    /// Orders of threads that no run before has shown.
    NewOrders,
    /// A finding.
    Finding,
}

impl Showed {
    fn reward(self) -> f64 {
        match self {
            Self::Nothing => 0.0,
            Self::NewOrders => 0.4,
            Self::Finding => 1.0,
        }
    }
}

impl Default for Bandit {
    fn default() -> Self {
        Self {
            arms: vec![Arm::default(); POLICIES.len()],
        }
    }
}

impl Bandit {
    /// The policy to try next. Each is tried once before any is tried twice; `turn` says which comes first.
    #[must_use]
    pub fn choose(&self, turn: u64) -> &'static Policy {
        let length = POLICIES.len();
        let first = usize::try_from(turn % length as u64).unwrap_or_default();
        let order = (0..length).map(|number| (first + number) % length);
        let total: f64 = self.arms.iter().map(|arm| arm.weight).sum();
        let fastest = self
            .arms
            .iter()
            .filter_map(Arm::cost)
            .fold(f64::MAX, f64::min);
        let score = |place: &usize| self.arms[*place].score(total, fastest);
        let best = order.max_by(|a, b| score(a).total_cmp(&score(b)));
        &POLICIES[best.unwrap_or_default()]
    }

    /// What to try in the next runs, of which nothing will be known before the last of them.
    #[must_use]
    pub fn choose_several(&self, first_turn: u64, runs: u64) -> Vec<&'static Policy> {
        let mut foreseen = self.clone();
        let choose = |turn| {
            let policy = foreseen.choose(turn);
            let took = foreseen.cost(policy);
            foreseen.learn(policy, Showed::Nothing, took);
            policy
        };
        (first_turn..first_turn + runs).map(choose).collect()
    }

    /// How long a run of a policy takes, as far as that is known.
    fn cost(&self, policy: &Policy) -> Duration {
        let mut arms = self.arms.iter().zip(POLICIES);
        let arm = arms.find(|(_, known)| known.name == policy.name);
        let cost = arm.and_then(|(arm, _)| arm.cost()).unwrap_or_default();
        Duration::from_secs_f64(cost)
    }

    /// Takes in what a run under a policy showed, and how long it took.
    pub fn learn(&mut self, policy: &Policy, showed: Showed, took: Duration) {
        for (arm, known) in self.arms.iter_mut().zip(POLICIES) {
            arm.weight *= MEMORY;
            arm.reward *= MEMORY;
            arm.seconds *= MEMORY;
            if known.name == policy.name {
                arm.weight += 1.0;
                arm.reward += showed.reward();
                arm.seconds += took.as_secs_f64();
            }
        }
    }
}

impl Arm {
    /// How long a run takes.
    fn cost(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| (self.seconds / self.weight).max(1e-4))
    }

    fn score(&self, total: f64, fastest: f64) -> f64 {
        let Some(cost) = self.cost() else {
            return f64::MAX;
        };
        let hope = CURIOSITY * (total.max(1.0).ln() / self.weight).sqrt();
        // A run that takes four times as long has to promise twice as much.
        (self.reward / self.weight + hope) / (cost / fastest).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::{Bandit, Showed};
    use crate::policy::POLICIES;

    fn play(
        rounds: u64,
        world: impl Fn(u64, &str) -> (Showed, u64),
    ) -> BTreeMap<&'static str, u64> {
        let mut bandit = Bandit::default();
        let mut times = BTreeMap::new();
        for round in 0..rounds {
            let policy = bandit.choose(round);
            let (showed, millis) = world(round, policy.name);
            bandit.learn(policy, showed, Duration::from_millis(millis));
            *times.entry(policy.name).or_default() += 1;
        }
        times
    }

    #[test]
    fn what_shows_most_is_tried_most_and_nothing_is_forgotten() {
        let times = play(900, |_, name| {
            let is_good = name == "sleeps";
            (
                if is_good {
                    Showed::Finding
                } else {
                    Showed::Nothing
                },
                3,
            )
        });
        assert_eq!(times.len(), POLICIES.len());
        assert!(times["sleeps"] > 300, "{times:?}");
        assert!(times.values().all(|&times| times > 10), "{times:?}");
    }

    #[test]
    fn a_policy_that_turns_good_is_found() {
        let times = play(900, |round, name| {
            let good = if round < 450 { "sleeps" } else { "yields" };
            (
                if name == good {
                    Showed::Finding
                } else {
                    Showed::Nothing
                },
                3,
            )
        });
        assert!(times["yields"] > 150, "{times:?}");
    }

    #[test]
    fn cheap_runs_are_preferred_where_all_show_the_same() {
        let times = play(900, |_, name| {
            (Showed::NewOrders, if name == "delays" { 60 } else { 3 })
        });
        assert!(times["delays"] * 2 < times["yields"], "{times:?}");
    }
}
