//! What a watched object carries from one thread to another, and the table in which it is found by the object's identity:
//! the objects themselves have no room for it, and most programs no use.

use crate::recorder::brief::{Brief, Turn};
use std::cell::UnsafeCell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use model::id::{LockId, ThreadId};
use race::local::Local;
use race::lock::Meeting;
use race::stamp::Stamp;
use rustc_hash::{FxBuildHasher, FxHashMap};

/// What an object carries.
#[derive(Default)]
pub(super) struct Edge {
    /// What those have done who had the object for themselves. Nobody who has it needs a lock to look at this, and nobody
    /// who has it for itself to change it: the object keeps the others out.
    owned: UnsafeCell<Stamp>,
    /// What those have done who shared it, or gave something to it.
    shared: Brief<Meeting>,
    /// Whether anybody has shared it since it was somebody's own.
    is_shared: AtomicBool,
    /// The number of the thread that released last, if it had the object for itself.
    last: AtomicU32,
}

// SAFETY: `owned` is only reached by who has the object, and changed by who has it for itself.
unsafe impl Sync for Edge {}

/// Several threads may have released something last.
const SEVERAL: u32 = 0;

impl Edge {
    /// Whether this thread, which has the object for itself, was also the last to release it.
    #[inline]
    pub(super) fn was_last(&self, thread: ThreadId) -> bool {
        // Relaxed: pairs with the store in `release`, which comes before the release of the object.
        self.last.load(Ordering::Relaxed) == thread.0
    }

    /// What those have done who had the object for themselves.
    ///
    /// # Safety
    ///
    /// The current thread has the object, and nobody else has it for itself, as long as this is used.
    #[inline]
    pub(super) unsafe fn owned(&self) -> &Stamp {
        // SAFETY: only who has the object for itself changes it.
        unsafe { &*self.owned.get() }
    }

    /// What those have done who shared the object; `None` if nobody did since it was somebody's own.
    #[inline]
    pub(super) fn shared(&self) -> Option<Turn<'_, Meeting>> {
        // Relaxed: pairs with the store in `share`, which comes before the release of the object.
        { self.is_shared.load(Ordering::Relaxed) }.then(|| self.shared.turn())
    }

    /// The thread is about to give the object back.
    ///
    /// # Safety
    ///
    /// The current thread has the object for itself.
    #[inline]
    pub(super) unsafe fn release(&self, thread: ThreadId, local: &mut Local) {
        // SAFETY: nobody else has the object, so nobody looks at this.
        local.release_to(unsafe { &mut *self.owned.get() });
        if let Some(mut shared) = self.shared() {
            // This thread came after all of them.
            *shared = Meeting::default();
            // Relaxed, here and below: whoever has the object next sees it.
            self.is_shared.store(false, Ordering::Relaxed);
        }
        self.last.store(thread.0, Ordering::Relaxed);
    }

    /// The thread may share the object, and is about to give it back, or gives something to it.
    pub(super) fn share(&self, local: &mut Local) {
        self.shared.turn().arrive(local);
        // Relaxed, twice: whoever has the object next sees it.
        self.is_shared.store(true, Ordering::Relaxed);
        self.last.store(SEVERAL, Ordering::Relaxed);
    }
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge").finish_non_exhaustive()
    }
}

/// The edges that a thread has used lately, each at the one place that its number gives.
#[derive(Debug, Default)]
pub(super) struct Known([Option<(LockId, Arc<Edge>)>; KNOWN]);

const KNOWN: usize = 32;

impl Known {
    /// What this object carries.
    #[inline]
    pub(super) fn find(&mut self, id: LockId) -> &Edge {
        let place = &mut self.0[id.0 as usize % KNOWN];
        match place {
            Some((known, _)) if *known == id => {}
            _ => *place = Some((id, find(id))),
        }
        place
            .as_ref()
            .map(|(_, edge)| &**edge)
            .expect("the place was filled just now")
    }
}

const SHARDS: usize = 64;

type Shard = Brief<FxHashMap<LockId, Arc<Edge>>>;

static TABLE: [Shard; SHARDS] =
    [const { Brief::new(FxHashMap::with_hasher(FxBuildHasher)) }; SHARDS];

fn shard(id: LockId) -> Turn<'static, FxHashMap<LockId, Arc<Edge>>> {
    TABLE[id.0 as usize % SHARDS].turn()
}

#[cold]
fn find(id: LockId) -> Arc<Edge> {
    Arc::clone(shard(id).entry(id).or_default())
}

/// The object is destroyed.
pub(super) fn forget(id: LockId) {
    let edge = shard(id).remove(&id);
    drop(edge);
}
