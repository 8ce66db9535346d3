//! Delays where threads begin, and where their parents go on: threads start in any order, and late.

use super::Policy;
use crate::point::{Deed, Disturbance};

pub(super) const POLICY: Policy = Policy {
    name: "starts",
    meaning: "threads, or those that started them, begin up to 8 ms late",
    one_core: false,
    disturb: |dice, point| {
        let mut draw = dice.of_point(point);
        let is_chosen = matches!(point.deed, Deed::Start | Deed::Spawned) && draw.happens(1, 2);
        if !is_chosen || !super::is_early(&mut draw, point) {
            return Disturbance::None;
        }
        let micros = draw.doubling(32, 8);
        Disturbance::Sleep(u32::try_from(micros).unwrap_or(u32::MAX))
    },
};
