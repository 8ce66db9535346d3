//! One long delay for some threads: whatever they were about to do happens after all that the others do.

use super::Policy;
use crate::mix::Draw;
use crate::point::Disturbance;

/// Delays fall on one of the first so many operations of a thread, the first ones more often.
const DOUBLINGS: u32 = 6;

pub(super) const POLICY: Policy = Policy {
    name: "delays",
    meaning: "about every second thread sleeps once for 5 to 40 ms",
    one_core: false,
    disturb: |dice, point| {
        let mut draw = dice.of_thread(point);
        let is_chosen = draw.happens(1, 2);
        if is_chosen && point.operation == operation(&mut draw) {
            let micros = draw.doubling(5_000, 3);
            Disturbance::Sleep(u32::try_from(micros).unwrap_or(u32::MAX))
        } else {
            Disturbance::None
        }
    },
};

/// The operation of the thread that is delayed.
fn operation(draw: &mut Draw) -> u64 {
    draw.doubling(1, DOUBLINGS) - 1
}
