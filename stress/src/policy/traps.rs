//! Traps: a thread waits at an object until another one comes to it, and both go on at once. After TSVD (Li et al.,
//! "Efficient scalable thread-safety-violation detection", SOSP 2019), which sleeps at one side of a near miss.

use super::{Policy, is_early};
use crate::point::{Deed, Disturbance};

pub(super) const POLICY: Policy = Policy {
    name: "traps",
    meaning: "threads wait at an object for another thread to come to it, up to 5 ms",
    one_core: false,
    disturb: |dice, point| {
        let mut draw = dice.of_point(point);
        let is_place = matches!(point.deed, Deed::Take | Deed::Give | Deed::Touch);
        let is_chosen = is_place && draw.happens(1, dice.of_run_share());
        if !is_chosen || !is_early(&mut draw, point) {
            return Disturbance::None;
        }
        let micros = draw.doubling(320, 4);
        Disturbance::Trap(u32::try_from(micros).unwrap_or(u32::MAX))
    },
};
