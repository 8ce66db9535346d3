//! All threads on one core: a thread goes on until it yields or its time is up, so orders differ in whole stretches.

use super::Policy;
use crate::point::Disturbance;

pub(super) const POLICY: Policy = Policy {
    name: "one-core",
    meaning: "all threads share one core, and offer it at some operations",
    one_core: true,
    disturb: |dice, point| {
        let often = dice.of_run_share();
        if dice.of_point(point).happens(1, often) {
            Disturbance::Yield
        } else {
            Disturbance::None
        }
    },
};
