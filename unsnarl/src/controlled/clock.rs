//! The virtual clock. It stands still while somebody can go on, but for those who look at it: each look takes a
//! microsecond. Who looks again and again waits for time to pass, and for that thread it passes ever faster.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use explore::op::Moment;

use super::current::with;
use super::execution::Execution;

/// How many looks of a thread take a microsecond each.
const PATIENT: u32 = 64;
/// After how many more a look takes twice as long.
const TO_DOUBLE: u32 = 8;
/// What a look takes at first, in nanoseconds.
const SHORTEST: Moment = 1_000;
/// What it takes at most.
const LONGEST: Moment = 10_000_000;

/// The moment that is now, of virtual time.
pub(crate) fn now() -> Instant {
    /// When virtual time began, in every execution.
    static START: OnceLock<Instant> = OnceLock::new();
    let start = *START.get_or_init(Instant::now);
    start + Duration::from_nanos(with(Execution::look_at_clock))
}

impl Execution {
    fn look_at_clock(&mut self) -> Moment {
        let looks = &mut self.running().looks_at_clock;
        *looks = looks.saturating_add(1);
        let doublings = looks.saturating_sub(PATIENT) / TO_DOUBLE;
        let took = SHORTEST.checked_shl(doublings).unwrap_or(LONGEST);
        let took = took.clamp(SHORTEST, LONGEST);
        self.run.world.now = self.run.world.now.saturating_add(took);
        self.run.world.now
    }
}
