//! Every thread has a pace of its own: the slow ones take a step where the fast ones take many.

use super::{Policy, is_early};
use crate::point::Disturbance;

/// How long a thread sleeps at each operation, in microseconds.
const PACES: [u32; 5] = [0, 0, 60, 250, 1_000];

pub(super) const POLICY: Policy = Policy {
    name: "paces",
    meaning: "each thread sleeps for a time of its own at every operation, up to 1 ms",
    one_core: false,
    disturb: |dice, point| {
        let choice = dice.of_thread(point).below(PACES.len() as u64);
        let pace = PACES[usize::try_from(choice).unwrap_or_default()];
        if pace == 0 || !is_early(&mut dice.of_point(point), point) {
            return Disturbance::None;
        }
        Disturbance::Sleep(pace)
    },
};
