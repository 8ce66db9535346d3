//! Short sleeps of very different lengths.

use super::{Policy, is_early};
use crate::point::Disturbance;

pub(super) const POLICY: Policy = Policy {
    name: "sleeps",
    meaning: "threads sleep for 20 µs to 5 ms at some operations",
    one_core: false,
    disturb: |dice, point| {
        let mut draw = dice.of_point(point);
        // In one run many operations sleep, in another few.
        let often = dice.of_run_share();
        if !draw.happens(1, often) || !is_early(&mut draw, point) {
            return Disturbance::None;
        }
        let micros = draw.doubling(20, 8);
        Disturbance::Sleep(u32::try_from(micros).unwrap_or(u32::MAX))
    },
};
