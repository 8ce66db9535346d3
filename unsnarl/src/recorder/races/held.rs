//! The locks that threads held at their accesses, kept once each under a number.

use std::hash::{BuildHasher, Hasher};
use std::sync::{Mutex, PoisonError};

use lockgraph::held::Held;
use model::id::LockId;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::recorder::state;

/// What a thread held, as a number; 0 is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct HeldSet(u64);

/// How many are kept; what comes later is not known.
const MOST: usize = 1 << 14;

static SETS: Mutex<FxHashMap<u64, Box<[Held]>>> = Mutex::new(FxHashMap::with_hasher(FxBuildHasher));

/// What the current thread holds. `last` is what it held before, which is known to be kept.
#[inline]
pub(super) fn now(last: &mut HeldSet) -> HeldSet {
    let set = held(number);
    if set != *last {
        *last = set;
        keep(set);
    }
    set
}

/// Whether the current thread holds this; what [`now`] returned before.
#[inline]
pub(super) fn is(set: u64) -> bool {
    held(number).0 == set
}

/// How the current thread holds this lock.
pub(super) fn of(lock: LockId) -> Option<Held> {
    held(|held| held.iter().rfind(|one| one.lock == lock).copied())
}

/// Runs `f` on what the current thread holds.
#[inline]
pub(super) fn held<R>(f: impl FnOnce(&[Held]) -> R) -> R {
    controlled! { return crate::controlled::race::held(f); }
    #[allow(unreachable_code, reason = "not under control")]
    state::with(|thread| f(thread.held.held()))
}

#[inline]
fn number(held: &[Held]) -> HeldSet {
    if held.is_empty() {
        return HeldSet(0);
    }
    let mut hasher = FxBuildHasher.build_hasher();
    for one in held {
        hasher.write_u32(one.lock.0);
    }
    HeldSet(hasher.finish() | 1)
}

#[cold]
fn keep(set: HeldSet) {
    let held = held(<[Held]>::to_vec);
    let mut sets = SETS.lock().unwrap_or_else(PoisonError::into_inner);
    if !held.is_empty() && sets.len() < MOST {
        sets.entry(set.0).or_insert_with(|| held.into_boxed_slice());
    }
}

impl HeldSet {
    /// The number, for an atomic.
    #[inline]
    pub(super) fn number(self) -> u64 {
        self.0
    }

    /// The locks, if they are known.
    pub(super) fn locks(self) -> Option<Vec<Held>> {
        if self.0 == 0 {
            return Some(Vec::new());
        }
        let sets = SETS.lock().unwrap_or_else(PoisonError::into_inner);
        sets.get(&self.0).map(|held| held.to_vec())
    }
}
