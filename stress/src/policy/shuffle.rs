//! Short sleeps nearly everywhere: any operation of one thread may come before any of another, so that orders which need
//! several changes of thread within a few operations happen too.

use super::{Policy, is_early};
use crate::point::Disturbance;

pub(super) const POLICY: Policy = Policy {
    name: "shuffle",
    meaning: "threads sleep for up to 400 µs at three of four operations",
    one_core: false,
    disturb: |dice, point| {
        let mut draw = dice.of_point(point);
        if !draw.happens(3, 4) || !is_early(&mut draw, point) {
            return Disturbance::None;
        }
        let micros = draw.below(400);
        Disturbance::Sleep(u32::try_from(micros).unwrap_or(u32::MAX))
    },
};
