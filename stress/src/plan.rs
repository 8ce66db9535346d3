//! Plans: what makes the noise of one run, as a word that can be passed on.

use std::fmt;
use std::str::FromStr;

use crate::fault::{self, Fault};
use crate::point::{Disturbance, Point};
use crate::policy::{self, PLAIN, Policy};

/// A policy and a seed: all that decides the noise of one run. Written as `sleeps:4711`, or `sleeps:4711+faults`.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The way to disturb.
    pub policy: &'static Policy,
    /// What its choices are drawn from.
    pub seed: u64,
    /// Whether operations also fail.
    pub faults: bool,
}

/// What the word of a plan with faults ends with.
const FAULTS: &str = "+faults";

impl Plan {
    /// The plan of a run without noise.
    pub const PLAIN: Self = Self {
        policy: PLAIN,
        seed: 0,
        faults: false,
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

    /// Whether an operation fails at a point.
    #[must_use]
    pub fn fails(&self, fault: Fault, point: Point) -> bool {
        self.faults && fault::strikes(fault, self.seed, point)
    }
}

impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        self.policy.name == other.policy.name
            && self.seed == other.seed
            && self.faults == other.faults
    }
}

impl Eq for Plan {}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults = if self.faults { FAULTS } else { "" };
        write!(f, "{}:{}{faults}", self.policy.name, self.seed)
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
        let (plain, faults) = match word.strip_suffix(FAULTS) {
            Some(plain) => (plain, true),
            None => (word, false),
        };
        let parts = plain.split_once(':');
        let plan = parts.and_then(|(name, seed)| {
            let (policy, seed) = (policy::find(name)?, seed.parse().ok()?);
            Some(Self {
                policy,
                seed,
                faults,
            })
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
            for faults in [false, true] {
                let seed = u64::MAX;
                let plan = Plan {
                    policy,
                    seed,
                    faults,
                };
                assert_eq!(plan.to_string().parse(), Ok(plan));
            }
        }
        for word in ["", "sleeps", "sleeps:", "sleeps:x", "naps:1", "+faults"] {
            assert!(word.parse::<Plan>().is_err(), "{word}");
        }
    }
}
