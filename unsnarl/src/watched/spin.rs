//! A short busy wait, before a thread makes the effort of announcing that it waits.

use std::hint;

/// How often a held lock is tried again; the standard library's locks spin as often before they sleep.
const SPINS: u32 = 100;

/// Tries until it succeeds, for a very short time.
pub(crate) fn spin<R>(mut attempt: impl FnMut() -> Option<R>) -> Option<R> {
    (0..SPINS).find_map(|_| {
        hint::spin_loop();
        attempt()
    })
}
