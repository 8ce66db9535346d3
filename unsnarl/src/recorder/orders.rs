//! Which orders of threads a run has shown: a small map of bits, by which a campaign tells new behaviour from known.
//!
//! A bit stands for "after this thread's operation on an object of this class came that thread's". As in AFL's coverage
//! map (Zalewski, 2013), two orders may share a bit.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use stress::mix::mix;
use stress::point::Deed;
use stress::rounds::ORDERS;

const WORDS: usize = ORDERS;

/// How many classes of objects are told apart.
const CLASSES: usize = 256;

static SEEN: [AtomicU64; WORDS] = [const { AtomicU64::new(0) }; WORDS];
static LAST: [AtomicU64; CLASSES] = [const { AtomicU64::new(0) }; CLASSES];

/// A thread does something to an object of a class.
pub(super) fn note(class: u64, thread: u64, deed: Deed) {
    if class == 0 {
        return;
    }
    let place = |number: u64, of: usize| usize::try_from(number).unwrap_or_default() % of;
    let me = mix(thread, class ^ deed as u64);
    // Relaxed, here and below: a bit that is lost is a bit that is not counted.
    let last = LAST[place(mix(class, 1), CLASSES)].swap(me, Ordering::Relaxed);
    if last != me {
        let bit = mix(last, me);
        let word = &SEEN[place(bit >> 6, WORDS)];
        word.fetch_or(1 << (bit & 63), Ordering::Relaxed);
    }
}

/// The map so far; from now on another one is drawn.
pub(super) fn take() -> [u64; WORDS] {
    for last in &LAST {
        last.store(0, Ordering::Relaxed);
    }
    std::array::from_fn(|word| SEEN[word].swap(0, Ordering::Relaxed))
}

/// Leaves the map beside the report of the process.
pub(super) fn write(folder: &Path) {
    let bytes = SEEN
        .iter()
        .flat_map(|word| word.load(Ordering::Relaxed).to_le_bytes());
    let bytes: Vec<u8> = bytes.collect();
    // A campaign without it knows one run less.
    let _ = fs::write(folder.join(format!("orders-{}", std::process::id())), bytes);
}
