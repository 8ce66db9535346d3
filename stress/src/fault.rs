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
