//! What an atomic carries: what the releases say that its value comes from.
//!
//! **Follows** C11 and C++20 as made operational by Lidbury and Donaldson, *Dynamic race detection for C++11* (POPL 2017):
//! a store begins a release sequence or, relaxed, ends one; every read-modify-write continues it; fences on either side
//! stand in for orderings that the operation itself does not have.
//!
//! **Finds** nothing by itself.
//!
//! **Misses** nothing for `Relaxed`, `Acquire`, `Release` and `AcqRel`. `SeqCst` counts as `AcqRel`: the single order of
//! such operations forbids outcomes, but makes nothing happen before anything else.
//!
//! **False alarms** where a load is told with another store than the one it has read.

use std::sync::atomic::Ordering;

use crate::local::Local;
use crate::stamp::Stamp;

/// The release sequences that the present value belongs to.
#[derive(Clone, Debug, Default)]
pub struct Location {
    released: Stamp,
}

impl Location {
    /// An atomic that has only its first value.
    pub const NEW: Self = Self {
        released: Stamp::NONE,
    };

    /// What comes before whoever acquires the present value.
    #[must_use]
    pub fn released(&self) -> &Stamp {
        &self.released
    }

    #[cfg(feature = "weak")]
    pub(crate) fn into_released(self) -> Stamp {
        self.released
    }

    /// The thread has read the present value.
    pub fn load(&self, thread: &mut Local, order: Ordering) {
        if acquires(order) {
            thread.acquire(&self.released);
        } else {
            thread.acquire_at_fence(&self.released);
        }
    }

    /// The thread writes a value.
    pub fn store(&mut self, thread: &mut Local, order: Ordering) {
        if releases(order) {
            thread.release_to(&mut self.released);
        } else {
            self.released.clone_from(thread.fenced());
        }
    }

    /// Carries also what `other` does.
    pub fn merge(&mut self, other: &Self) {
        self.released.merge(&other.released);
    }

    /// The thread has read the present value and replaces it in one step.
    pub fn update(&mut self, thread: &mut Local, order: Ordering) {
        self.load(thread, order);
        self.go_on(thread, order);
    }

    /// The writing half of [`Location::update`].
    pub fn go_on(&mut self, thread: &mut Local, order: Ordering) {
        if acquires(order) && releases(order) {
            // The thread comes after all that the value carried.
            thread.release_to(&mut self.released);
        } else if releases(order) {
            thread.release_beside(&mut self.released);
        } else {
            self.released.merge(thread.fenced());
        }
    }

    /// What a value carries that the thread puts in the place of this one, which it has just read, in one step.
    #[cfg(any(test, feature = "weak"))]
    pub(crate) fn succeeded(&self, thread: &mut Local, order: Ordering) -> Self {
        let mut next = if acquires(order) && releases(order) {
            Self::NEW
        } else {
            self.clone()
        };
        next.go_on(thread, order);
        next
    }
}

/// Whether an ordering acquires where it reads.
#[must_use]
pub fn acquires(order: Ordering) -> bool {
    matches!(
        order,
        Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst
    )
}

/// Whether an ordering releases where it writes.
#[must_use]
pub fn releases(order: Ordering) -> bool {
    matches!(
        order,
        Ordering::Release | Ordering::AcqRel | Ordering::SeqCst
    )
}
