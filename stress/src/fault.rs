//! Faults: what an operation may do by its contract, and nearly never does.
//!
//! A program that does not survive them is wrong; but since some programs are only ever run where they do not happen, they
//! are off unless asked for.

use crate::mix::{Draw, mix};
use crate::point::Point;

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A condition variable, or a park, ends its wait without a cause.
    WakeUp,
    /// A wait with a timeout ends at once, as if the time were up.
    TimeOut,
    /// A lock that is free cannot be had by trying.
    Try,
    /// A weak compare-exchange fails though the value is right.
    Weak,
    /// A future that may be cancelled is, at one of its awaits.
    Cancel,
    /// A thread cannot be started, where that is said with an error.
    Spawn,
    /// The machine has one core, for the whole run.
    Cores,
    /// Something happens at a point that the program names.
    Point,
}

impl Fault {
    /// What a campaign says of a run that this has struck.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WakeUp => "a wake-up without a cause",
            Self::TimeOut => "a timeout that fires at once",
            Self::Try => "a try that fails",
            Self::Weak => "a weak compare-exchange that fails",
            Self::Cancel => "a future that is cancelled",
            Self::Spawn => "a thread that cannot be started",
            Self::Cores => "a machine with one core",
            Self::Point => "a fault point",
        }
    }
}

/// What happens at a point that the program names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The thread panics there.
    Panic,
    /// It does what the program does there on an error.
    Error,
    /// It is held up for a while.
    Delay,
}

impl Effect {
    const fn name(self) -> &'static str {
        match self {
            Self::Panic => "a panic",
            Self::Error => "an error",
            Self::Delay => "a delay",
        }
    }

    /// What a campaign says of a run in which it happened at the point of this name.
    #[must_use]
    pub fn at(self, point: &str) -> String {
        format!("{} at `{point}`", self.name())
    }
}

/// What happens at a named point, when it is struck there in the run of this seed. What cannot be an error may be a panic.
#[must_use]
pub fn effect(seed: u64, point: Point, has_error: bool) -> Effect {
    let mut draw = Draw::new(mix(mix(seed, point.thread), !point.operation));
    match (draw.happens(1, 2), has_error) {
        (true, _) => Effect::Delay,
        (false, true) => Effect::Error,
        (false, false) => Effect::Panic,
    }
}

/// The file in which a process keeps the faults that have struck in its current round, a line each.
#[must_use]
pub fn file_name(process: u32) -> String {
    format!("faults-{process}")
}

/// Whether a fault of this name lets a test fail that does nothing wrong: one that does not get its thread, or in which
/// somebody panics.
#[must_use]
pub fn may_fail_test(name: &str) -> bool {
    name == Fault::Spawn.name() || name.starts_with(Effect::Panic.name())
}

/// Whether a fault strikes at a point in the run of this seed: the first operations of a thread are struck the more often
/// the lower the seed's share is, later ones ever less, so that whoever tries again succeeds.
#[must_use]
pub fn strikes(fault: Fault, seed: u64, point: Point) -> bool {
    let kind = mix(fault as u64 + 1, 0);
    let share = 2 << Draw::new(mix(seed, kind)).below(4);
    let place = mix(point.thread, point.operation);
    let mut draw = Draw::new(mix(mix(seed, kind), place));
    draw.happens(1, share) && (point.operation < 64 || draw.happens(64, point.operation))
}

#[cfg(test)]
mod tests {
    use super::{Fault, strikes};
    use crate::point::{Deed, Point};

    fn point(operation: u64) -> Point {
        Point {
            thread: 3,
            operation,
            deed: Deed::Take,
            has_given: false,
        }
    }

    #[test]
    fn the_same_run_has_the_same_faults_and_they_get_rare() {
        let struck = |seed| -> Vec<u64> {
            let points =
                (0..100_000).filter(|&operation| strikes(Fault::Try, seed, point(operation)));
            points.collect()
        };
        assert_eq!(struck(1), struck(1));
        assert_ne!(struck(1), struck(2));
        for seed in 0..8 {
            let early = struck(seed)
                .iter()
                .filter(|&&operation| operation < 1_000)
                .count();
            let late = struck(seed)
                .iter()
                .filter(|&&operation| operation >= 99_000)
                .count();
            assert!(early > 4 && late * 20 < early, "{seed}: {early} {late}");
        }
    }
}
