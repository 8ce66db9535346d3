//! Whether anybody wants to know what a test leaves behind, and which locks are gone since then.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::id::LockId;
use rustc_hash::{FxBuildHasher, FxHashSet};

/// More locks than this are not remembered as gone: then nothing is said of any that is held.
const MOST: usize = 1 << 18;

/// How many want to know.
static WATCHES: AtomicUsize = AtomicUsize::new(0);

/// The locks that are gone since somebody wants to know.
static GONE: Mutex<FxHashSet<LockId>> = Mutex::new(FxHashSet::with_hasher(FxBuildHasher));

fn gone_locks() -> MutexGuard<'static, FxHashSet<LockId>> {
    GONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Somebody wants to know, until this is dropped.
pub(crate) struct Watching(());

impl Watching {
    pub(crate) fn begin() -> Self {
        // SeqCst, here and below: what the current thread does from here on is noted.
        WATCHES.fetch_add(1, Ordering::SeqCst);
        Self(())
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut gone = gone_locks();
        if WATCHES.fetch_sub(1, Ordering::SeqCst) == 1 {
            *gone = FxHashSet::default();
        }
    }
}

/// Whether anybody wants to know.
#[inline(always)]
pub(crate) fn is_on() -> bool {
    WATCHES.load(Ordering::SeqCst) > 0
}

/// A lock is gone.
#[cold]
pub(crate) fn gone(lock: LockId) {
    let mut gone = gone_locks();
    if gone.len() < MOST {
        gone.insert(lock);
    }
}

/// Whether a lock is certainly still there, that was there when somebody began to want to know.
pub(crate) fn is_there(lock: LockId) -> bool {
    let gone = gone_locks();
    gone.len() < MOST && !gone.contains(&lock)
}
