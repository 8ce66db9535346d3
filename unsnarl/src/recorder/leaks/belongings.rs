//! What a test makes or takes, and should be gone when it is over: channels, guards that can be handed on, permits.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lockgraph::wait::need::Target;
use lockgraph::wait::remnant::{Ends, Remnant, What};
use model::id::{LockId, ThreadId};
use model::kind::Kind;
use model::site::{Caller, Origin};
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::lineage::{self, Line};
use super::watching;
use crate::recorder::inside::enter;

/// What is there, by numbers that grow.
static ALL: Mutex<FxHashMap<u64, Entry>> = Mutex::new(FxHashMap::with_hasher(FxBuildHasher));
/// The number of the next one; 0 is none.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Something that a test has made or taken; dropped with it.
#[derive(Debug)]
pub struct Belonging(u64);

struct Entry {
    line: Arc<Line>,
    /// What it is of, if that may be gone before.
    lock: LockId,
    remnant: Remnant,
}

fn all() -> MutexGuard<'static, FxHashMap<u64, Entry>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many want to know.
static WATCHES: AtomicUsize = AtomicUsize::new(0);

/// Somebody wants to know what is left of all from here on, until this is dropped.
pub(super) struct Watching {
    /// What has a lower number was there before.
    first: u64,
}

impl Watching {
    pub(super) fn begin() -> Self {
        // SeqCst: what the current thread does from here on is noted.
        WATCHES.fetch_add(1, Ordering::SeqCst);
        // Relaxed: the current thread takes its own numbers later.
        let first = NEXT.load(Ordering::Relaxed);
        Self { first }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        WATCHES.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whether anybody wants to know.
#[inline(always)]
fn is_watching() -> bool {
    WATCHES.load(Ordering::SeqCst) > 0
}

impl Belonging {
    /// Nobody's.
    pub const NONE: Self = Self(0);

    /// A channel that the current thread makes there.
    #[inline]
    pub fn channel(made: Caller, ends: Ends) -> Self {
        if !is_watching() {
            return Self::NONE;
        }
        let target = Target {
            id: LockId::NONE,
            kind: Kind::Channel,
            origin: Origin::Created(made),
        };
        Self::note(What::Channel(ends), target, made)
    }

    /// What the current thread has taken there, of this lock or semaphore.
    #[cfg(feature = "tasks")]
    #[inline]
    pub fn taken(what: What, target: Target, site: Caller) -> Self {
        if !is_watching() {
            return Self::NONE;
        }
        Self::note(what, target, site)
    }

    #[cold]
    fn note(what: What, target: Target, site: Caller) -> Self {
        let Some(inside) = enter() else {
            return Self::NONE;
        };
        // What is made there stays on purpose.
        let initialises = |kind| matches!(kind, Kind::Once | Kind::OnceLock | Kind::LazyLock);
        if inside.held.held().iter().any(|held| initialises(held.kind)) {
            return Self::NONE;
        }
        let identity = inside.identity();
        let entry = Entry {
            line: lineage::line(identity.id),
            lock: target.id,
            remnant: Remnant {
                who: identity.who.clone(),
                what,
                kind: target.kind,
                origin: target.origin,
                site,
            },
        };
        // Relaxed: numbers only need to be different, and to grow in one thread.
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        all().insert(number, entry);
        Self(number)
    }

    /// It has become something else.
    pub fn becomes(&self, what: What) {
        if self.0 != 0
            && let Some(entry) = all().get_mut(&self.0)
        {
            entry.remnant.what = what;
        }
    }
}

impl Drop for Belonging {
    #[inline]
    fn drop(&mut self) {
        if self.0 != 0 {
            let gone = all().remove(&self.0);
            drop(gone);
        }
    }
}

impl Watching {
    /// What is left of what this thread and its descendants have made or taken.
    pub(super) fn left(&self, ancestor: ThreadId) -> Vec<Remnant> {
        let all = all();
        let mut left: Vec<(u64, &Entry)> = all
            .iter()
            .map(|(&number, entry)| (number, entry))
            .filter(|&(number, entry)| number >= self.first && entry.line.descends_from(ancestor))
            .filter(|(_, entry)| entry.lock == LockId::NONE || watching::is_there(entry.lock))
            .collect();
        left.sort_by_key(|&(number, _)| number);
        let remnants = left.into_iter().map(|(_, entry)| entry.remnant.clone());
        remnants.collect()
    }
}
