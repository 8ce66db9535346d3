//! Plans: what makes the noise of one run, as a word that can be passed on.

use std::fmt;
use std::str::FromStr;

use crate::point::{Disturbance, Point};
use crate::policy::{self, PLAIN, Policy};

/// A policy and a seed: all that decides the noise of one run. Written as `sleeps:4711`.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The way to disturb.
    pub policy: &'static Policy,
    /// What its choices are drawn from.
    pub seed: u64,
}

impl Plan {
    /// The plan of a run without noise.
    pub const PLAIN: Self = Self {
        policy: PLAIN,
        seed: 0,
    };

    /// Whether it disturbs nothing.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.policy.name == PLAIN.name
    }

    /// What happens at a point.
    #[must_use]
    pub fn disturb(&self, point: Point) -> Disturbance {
        self.policy.disturb(self.seed, point)
    }
}

impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        self.policy.name == other.policy.name && self.seed == other.seed
    }
}

impl Eq for Plan {}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.policy.name, self.seed)
    }
}

/// Why a word is no plan.
#[derive(Debug, PartialEq, Eq)]
pub struct NoPlan(String);

impl fmt::Display for NoPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = policy::POLICIES.iter().map(|policy| policy.name).collect();
        write!(
            f,
            "`{}` is not POLICY:SEED with a number for SEED and one of {} for POLICY",
            self.0,
            names.join(", ")
        )
    }
}

impl std::error::Error for NoPlan {}

impl FromStr for Plan {
    type Err = NoPlan;

    fn from_str(word: &str) -> Result<Self, NoPlan> {
        let parts = word.split_once(':');
        let plan = parts.and_then(|(name, seed)| {
            let (policy, seed) = (policy::find(name)?, seed.parse().ok()?);
            Some(Self { policy, seed })
        });
        plan.ok_or_else(|| NoPlan(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Plan;
    use crate::policy::POLICIES;

    #[test]
    fn a_plan_comes_back_from_its_word() {
        for policy in POLICIES {
            let plan = Plan {
                policy,
                seed: u64::MAX,
            };
            assert_eq!(plan.to_string().parse(), Ok(plan));
        }
        for word in ["", "sleeps", "sleeps:", "sleeps:x", "naps:1"] {
            assert!(word.parse::<Plan>().is_err(), "{word}");
        }
    }
}
