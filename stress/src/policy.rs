//! Policies: ways to disturb a run, one file each. No one is best everywhere, so campaigns try them all.

mod delays;
mod hand_overs;
mod one_core;
mod paces;
mod plain;
mod shuffle;
mod sleeps;
mod spins;
mod starts;
mod traps;
mod yields;

use crate::mix::{Draw, mix};
use crate::point::{Disturbance, Point};

/// A way to disturb a run.
#[derive(Debug)]
#[non_exhaustive]
pub struct Policy {
    /// The name that replay lines give it.
    pub name: &'static str,
    /// What it does, in a few words.
    pub meaning: &'static str,
    /// Whether all threads share one core.
    pub one_core: bool,
    /// What happens at a point.
    disturb: fn(Dice, Point) -> Disturbance,
}

/// Every policy. The first one disturbs nothing.
pub const POLICIES: &[Policy] = &[
    plain::POLICY,
    yields::POLICY,
    spins::POLICY,
    sleeps::POLICY,
    delays::POLICY,
    one_core::POLICY,
    hand_overs::POLICY,
    starts::POLICY,
    traps::POLICY,
    shuffle::POLICY,
    paces::POLICY,
];

/// The policy that disturbs nothing.
pub const PLAIN: &Policy = &POLICIES[0];

/// The policy of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Policy> {
    POLICIES.iter().find(|policy| policy.name == name)
}

impl Policy {
    /// What happens at this point in the run of this seed.
    #[must_use]
    pub fn disturb(&self, seed: u64, point: Point) -> Disturbance {
        (self.disturb)(Dice { seed }, point)
    }
}

/// What a policy may draw from: the same for the whole run, for a thread, or for a point.
#[derive(Clone, Copy, Debug)]
struct Dice {
    seed: u64,
}

impl Dice {
    /// One in how many points is disturbed: the same for the whole run, from every second to every sixteenth.
    fn of_run_share(self) -> u64 {
        2 << Draw::new(self.seed).below(4)
    }

    fn of_thread(self, point: Point) -> Draw {
        Draw::new(mix(self.seed, point.thread))
    }

    fn of_point(self, point: Point) -> Draw {
        Draw::new(mix(
            mix(self.seed, point.thread),
            point.operation.wrapping_add(1),
        ))
    }
}

/// How many of a thread's points are disturbed by sleeping: the first hundred as they come, later ones ever less, so
/// that a loop of a million operations ends.
fn is_early(draw: &mut Draw, point: Point) -> bool {
    point.operation < 100 || draw.happens(100, point.operation)
}

#[cfg(test)]
mod tests {
    use super::{PLAIN, POLICIES};
    use crate::point::{Deed, Disturbance, Point};

    fn points() -> impl Iterator<Item = Point> {
        let threads = 0..16;
        threads.flat_map(|thread| {
            (0..200).map(move |operation| Point {
                thread,
                operation,
                deed: match operation % 4 {
                    0 if operation == 0 => Deed::Start,
                    0 => Deed::Touch,
                    1 => Deed::Take,
                    2 => Deed::Give,
                    _ => Deed::Spawned,
                },
                has_given: operation % 4 == 3,
            })
        })
    }

    fn run(policy: usize, seed: u64) -> Vec<Disturbance> {
        let disturb = |point| POLICIES[policy].disturb(seed, point);
        points().map(disturb).collect()
    }

    #[test]
    fn the_same_seed_disturbs_the_same_points_and_another_one_others() {
        for (number, policy) in POLICIES.iter().enumerate() {
            assert_eq!(run(number, 7), run(number, 7), "{}", policy.name);
            let is_plain = number == 0;
            assert_eq!(
                run(number, 7) == run(number, 8),
                is_plain,
                "{}",
                policy.name
            );
        }
    }

    #[test]
    fn only_the_first_leaves_a_run_alone() {
        assert_eq!(PLAIN.name, "plain");
        for (number, policy) in POLICIES.iter().enumerate() {
            let is_quiet = run(number, 1).iter().all(|one| *one == Disturbance::None);
            assert_eq!(is_quiet, number == 0, "{}", policy.name);
        }
    }

    #[test]
    fn a_long_loop_is_not_slept_through() {
        for policy in POLICIES {
            let slept: u64 = (0..1_000_000)
                .map(|operation| Point {
                    thread: 3,
                    operation,
                    deed: Deed::Take,
                    has_given: true,
                })
                .map(|point| match policy.disturb(5, point) {
                    Disturbance::Sleep(micros) | Disturbance::Trap(micros) => u64::from(micros),
                    _ => 0,
                })
                .sum();
            assert!(slept < 2_000_000, "{}: {slept} µs", policy.name);
        }
    }
}
