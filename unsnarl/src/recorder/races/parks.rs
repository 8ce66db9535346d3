//! Parking and unparking, as order.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use race::event::Op;
use race::lock::Meeting;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::{is_watching, me};

/// What threads were told when they were unparked.
static PARKS: Mutex<FxHashMap<ThreadId, Park>> = Mutex::new(FxHashMap::with_hasher(FxBuildHasher));

/// What a thread was told, and the number that a recording knows it by.
#[derive(Debug)]
struct Park {
    told: Meeting,
    number: u32,
}

impl Park {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(u32::MAX);
        // Relaxed: numbers only need to be different, also from those of objects, which begin at the other end.
        let number = NEXT.fetch_sub(1, Ordering::Relaxed);
        Self {
            told: Meeting::default(),
            number,
        }
    }
}

fn parks() -> MutexGuard<'static, FxHashMap<ThreadId, Park>> {
    PARKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The current thread is about to unpark another.
#[inline]
pub(crate) fn unparking(thread: ThreadId) {
    if is_watching() {
        me::with(|me| {
            let mut parks = parks();
            let park = parks.entry(thread).or_insert_with(Park::new);
            park.told.arrive(&mut me.local);
            me.note(Op::Arrive(park.number), None);
        });
    }
}

/// The current thread was parked. It may have woken for no reason, but what it comes after is over all the same.
#[inline]
pub(crate) fn unparked() {
    if is_watching() {
        let thread = std::thread::current().id();
        me::with(|me| {
            if let Some(park) = parks().remove(&thread) {
                park.told.leave(&mut me.local);
                me.note(Op::Leave(park.number), None);
            }
        });
    }
}

/// The current thread comes to its end.
pub(super) fn forget() {
    parks().remove(&std::thread::current().id());
}
