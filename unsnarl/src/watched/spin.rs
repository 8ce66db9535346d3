//! A short busy wait, before a thread makes the effort of announcing that it waits.

use std::hint;

/// How often it is tried. The pauses between double, so that they are as many as the standard library's locks make
/// before they sleep, and whoever is to give back what is tried for has the memory to itself meanwhile.
const ATTEMPTS: u32 = 7;

/// Tries until it succeeds, for a very short time.
pub(crate) fn spin<R>(mut attempt: impl FnMut() -> Option<R>) -> Option<R> {
    let mut result = None;
    spin_until(&mut || {
        result = attempt();
        result.is_some()
    });
    result
}

// Apart, because a caller built without optimisation would compile it again, without.
#[inline(never)]
fn spin_until(attempt: &mut dyn FnMut() -> bool) {
    for pauses in (0..ATTEMPTS).map(|attempt| 1 << attempt) {
        (0..pauses).for_each(|_| hint::spin_loop());
        if attempt() {
            return;
        }
    }
}
