//! Which threads live, and who started them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lockgraph::order::Who;
use model::id::ThreadId;
use model::site::Caller;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::recorder::state::with;

/// The threads that were started by watched ones, and whose code has not ended.
static LIVING: Mutex<FxHashMap<ThreadId, Living>> =
    Mutex::new(FxHashMap::with_hasher(FxBuildHasher));

/// Those whose code has ended while they held a lock.
static HOLDING: Mutex<FxHashMap<ThreadId, Arc<Line>>> =
    Mutex::new(FxHashMap::with_hasher(FxBuildHasher));

/// A thread that lives.
#[derive(Clone)]
pub(super) struct Living {
    pub(super) who: Who,
    pub(super) started: Caller,
    pub(super) line: Arc<Line>,
}

/// A thread and those it descends from.
pub(super) struct Line {
    thread: ThreadId,
    parent: Option<Arc<Self>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn living() -> MutexGuard<'static, FxHashMap<ThreadId, Living>> {
    lock(&LIVING)
}

/// A thread is about to be started by another one.
pub(in crate::recorder) fn starts(thread: ThreadId, parent: ThreadId, who: Who, started: Caller) {
    let mut living = living();
    let line = Arc::new(Line {
        thread,
        parent: Some(line_in(&living, parent)),
    });
    living.insert(thread, Living { who, started, line });
}

/// A thread's code has ended, or it could not be started.
pub(in crate::recorder) fn ended(thread: ThreadId) {
    let ended = living().remove(&thread);
    drop(ended);
}

/// The current thread, which is this one, has come to the end of its code.
pub(in crate::recorder) fn ends_here(thread: ThreadId) {
    let Some(ended) = living().remove(&thread) else {
        return;
    };
    if with(|own| !own.held.held().is_empty()) {
        lock(&HOLDING).insert(thread, ended.line);
    }
}

/// Whether every thread has ended that was started by a watched one.
pub(in crate::recorder) fn nobody_lives() -> bool {
    living().is_empty()
}

/// Whether this thread lives, and was started by a watched one.
pub(super) fn lives(thread: ThreadId) -> bool {
    living().contains_key(&thread)
}

/// Whether a thread lives that descends from this one.
pub(super) fn has_living_descendants(ancestor: ThreadId) -> bool {
    let descends = |(&thread, living): (&ThreadId, &Living)| {
        thread != ancestor && living.line.descends_from(ancestor)
    };
    living().iter().any(descends)
}

/// The line of a thread, whoever started it.
pub(super) fn line(thread: ThreadId) -> Arc<Line> {
    line_in(&living(), thread)
}

fn line_in(living: &FxHashMap<ThreadId, Living>, thread: ThreadId) -> Arc<Line> {
    living.get(&thread).map_or_else(
        || {
            Arc::new(Line {
                thread,
                parent: None,
            })
        },
        |known| Arc::clone(&known.line),
    )
}

/// The descendants of a thread that have ended while they held a lock. Others that nobody needs to know of any more are
/// forgotten.
pub(super) fn ended_holding(
    ancestor: ThreadId,
    is_needed: impl Fn(ThreadId) -> bool,
) -> Vec<ThreadId> {
    let mut holding = lock(&HOLDING);
    holding.retain(|&thread, _| is_needed(thread));
    let descends = |(_, line): &(&ThreadId, &Arc<Line>)| line.descends_from(ancestor);
    holding
        .iter()
        .filter(descends)
        .map(|(&thread, _)| thread)
        .collect()
}

impl Line {
    pub(super) fn descends_from(&self, ancestor: ThreadId) -> bool {
        let mut line = Some(self);
        while let Some(one) = line {
            if one.thread == ancestor {
                return true;
            }
            line = one.parent.as_deref();
        }
        false
    }
}
