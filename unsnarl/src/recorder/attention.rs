//! Who looks at every watched operation, beside the lock graph and the hang detector: flags in one place, so that an
//! operation that nobody looks at needs one look for all of them.

use std::sync::atomic::{AtomicU8, Ordering};

static PAID: AtomicU8 = AtomicU8::new(0);

/// Somebody who looks.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Looker {
    /// Noise, as the environment's plan says.
    Noise = 1,
    /// The race detector, as soon as a watched cell is in use.
    Races = 2,
    /// Who hears what is done to the values that locks protect: a recording, and the engine for regions that are declared
    /// to be atomic, as soon as one is entered.
    Values = 4,
    /// The profiler, if the environment asks for it.
    Profile = 8,
}

/// From now on somebody looks.
pub(super) fn pay(looker: Looker) {
    // Relaxed: whoever needs to see it at once says why it does.
    PAID.fetch_or(looker as u8, Ordering::Relaxed);
}

/// Whether this one looks.
#[inline(always)]
pub(super) fn is_paid_by(looker: Looker) -> bool {
    // Relaxed: see `pay`.
    PAID.load(Ordering::Relaxed) & looker as u8 != 0
}

/// Whether anybody looks.
#[inline(always)]
pub(crate) fn is_paid() -> bool {
    // Relaxed: see `pay`.
    PAID.load(Ordering::Relaxed) != 0
}
