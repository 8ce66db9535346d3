//! Short busy loops: threads that run at the same time drift against each other by less than a microsecond or by a few.

use super::Policy;
use crate::point::Disturbance;

pub(super) const POLICY: Policy = Policy {
    name: "spins",
    meaning: "threads are kept busy for a moment at a third of the operations",
    one_core: false,
    disturb: |dice, point| {
        let mut draw = dice.of_point(point);
        if !draw.happens(1, 3) {
            return Disturbance::None;
        }
        let turns = draw.doubling(16, 8);
        Disturbance::Spin(u32::try_from(turns).unwrap_or(u32::MAX))
    },
};
