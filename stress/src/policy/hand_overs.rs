//! Delays after a thread has given something away: whoever waits for a lock, a message or a word gets a start, and what
//! was checked under the lock changes before it is acted on.

use super::{Policy, is_early};
use crate::point::Disturbance;

pub(super) const POLICY: Policy = Policy {
    name: "hand-overs",
    meaning: "threads that have unlocked, sent or notified sleep for 20 µs to 2.5 ms",
    one_core: false,
    disturb: |dice, point| {
        let mut draw = dice.of_point(point);
        let is_chosen = point.has_given && draw.happens(1, dice.of_run_share());
        if !is_chosen || !is_early(&mut draw, point) {
            return Disturbance::None;
        }
        let micros = draw.doubling(20, 7);
        Disturbance::Sleep(u32::try_from(micros).unwrap_or(u32::MAX))
    },
};
