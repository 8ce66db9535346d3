//! Parking and unparking, as order.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use race::lock::Meeting;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::{is_watching, me};

/// What threads were told when they were unparked.
static PARKS: Mutex<FxHashMap<ThreadId, Meeting>> =
    Mutex::new(FxHashMap::with_hasher(FxBuildHasher));

fn parks() -> MutexGuard<'static, FxHashMap<ThreadId, Meeting>> {
    PARKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The current thread is about to unpark another.
#[inline]
pub(crate) fn unparking(thread: ThreadId) {
    if is_watching() {
        me::with(|me| parks().entry(thread).or_default().arrive(&mut me.local));
    }
}

/// The current thread was parked. It may have woken for no reason, but what it comes after is over all the same.
#[inline]
pub(crate) fn unparked() {
    if is_watching() {
        let thread = std::thread::current().id();
        me::with(|me| {
            if let Some(told) = parks().remove(&thread) {
                told.leave(&mut me.local);
            }
        });
    }
}

/// The current thread comes to its end.
pub(super) fn forget() {
    parks().remove(&std::thread::current().id());
}
