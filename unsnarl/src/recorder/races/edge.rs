//! What a watched object carries from one thread to another, and the table in which it is found by the object's identity:
//! the objects themselves have no room for it, and most programs no use.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use model::id::{LockId, ThreadId};
use race::lock::ReadWrite;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::brief::{Brief, Turn};

/// What an object carries.
#[derive(Debug, Default)]
pub(super) struct Edge {
    clocks: Brief<ReadWrite>,
    /// The number of the thread that released last, if it had the object for itself.
    last: AtomicU32,
}

/// Several threads may have released something last.
const SEVERAL: u32 = 0;

impl Edge {
    #[inline]
    pub(super) fn clocks(&self) -> Turn<'_, ReadWrite> {
        self.clocks.turn()
    }

    /// Whether this thread, which has the object for itself, was also the last to release it.
    #[inline]
    pub(super) fn was_last(&self, thread: ThreadId) -> bool {
        // Relaxed: pairs with the store in `set_last`, which comes before the release of the object.
        self.last.load(Ordering::Relaxed) == thread.0
    }

    /// This thread has the object for itself and is about to release it.
    #[inline]
    pub(super) fn set_last(&self, thread: ThreadId) {
        // Relaxed: whoever has the object next sees it.
        self.last.store(thread.0, Ordering::Relaxed);
    }

    /// A thread that may share the object is about to release it.
    pub(super) fn share(&self) {
        // Relaxed: as in `set_last`.
        self.last.store(SEVERAL, Ordering::Relaxed);
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
