//! Yields at half of all points, after ConTest (Edelstein et al., "Multithreaded Java program test generation", 2002).

use super::Policy;
use crate::point::Disturbance;

pub(super) const POLICY: Policy = Policy {
    name: "yields",
    meaning: "threads offer their core at half of the operations",
    one_core: false,
    disturb: |dice, point| {
        if dice.of_point(point).happens(1, 2) {
            Disturbance::Yield
        } else {
            Disturbance::None
        }
    },
};
