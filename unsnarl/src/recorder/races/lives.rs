//! Starting, ending and joining threads, as order.

use std::sync::{Arc, Mutex, PoisonError};

use model::site::Caller;
use race::stamp::Stamp;

use super::{is_watching, me, parks};

/// What a thread takes over from the one that starts it, and leaves to the one that joins it. It is there for every
/// thread, since watching may begin while the thread runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start(Arc<Origin>);

/// What all threads share that descend from one that nobody watched start. Only its place says which it is.
pub(super) type Root = Arc<()>;

#[derive(Debug, Default)]
struct Origin {
    root: Root,
    /// Where it was started.
    site: Option<Caller>,
    /// What comes before all that it does.
    stamp: Stamp,
    /// What it has done; as long as it has done nothing, what comes before it.
    last: Mutex<Stamp>,
}

/// The current thread, which began so, starts another.
pub(crate) fn fork(parent: &Start, site: Option<Caller>) -> Start {
    let stamp = is_watching().then(|| me::with(|me| me.local.release()));
    let stamp = stamp.flatten().unwrap_or_default();
    Start(Arc::new(Origin {
        root: Arc::clone(&parent.0.root),
        site,
        last: Mutex::new(stamp.clone()),
        stamp,
    }))
}

impl Start {
    /// The start of a thread that comes after this.
    #[cfg(feature = "explore")]
    pub(super) fn after(stamp: Stamp) -> Self {
        Self(Arc::new(Origin {
            stamp,
            ..Origin::default()
        }))
    }

    /// See [`Root`].
    pub(super) fn root(&self) -> &Root {
        &self.0.root
    }

    /// Where the thread was started, if anybody saw it.
    pub(in crate::recorder) fn site(&self) -> Option<Caller> {
        self.0.site
    }

    /// What comes before all that the thread does.
    pub(super) fn stamp(&self) -> &Stamp {
        &self.0.stamp
    }

    /// What the thread has done.
    pub(super) fn last(&self) -> Stamp {
        let last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }

    /// The thread has done this.
    pub(super) fn set_last(&self, stamp: Stamp) {
        *self.0.last.lock().unwrap_or_else(PoisonError::into_inner) = stamp;
    }

    /// The current thread knows that this one has ended.
    #[inline]
    pub(crate) fn joined(&self) {
        if is_watching() {
            let last = self.last();
            me::with(|me| me.local.acquire(&last));
        }
    }
}

/// The code of the current thread has ended; the destructors of its thread-locals are still to come.
#[inline]
pub(crate) fn finish() {
    if is_watching() {
        me::finish();
    }
}

/// The current thread comes to its end.
#[inline]
pub(crate) fn end() {
    if is_watching() {
        parks::forget();
        me::end();
    }
}
