//! Knots: threads that wait for each other and can never go on.

use model::id::{LockId, ThreadId};
use model::site::Caller;

use super::need::{Need, Wait};
use crate::held::Held;
use crate::order::Who;

/// A thread of a knot.
#[derive(Clone, Debug)]
pub struct Knotted {
    /// The thread.
    pub thread: ThreadId,
    /// What a report says of it.
    pub who: Who,
    /// What it waits for.
    pub wait: Wait,
    /// Whether a thread of the knot holds the mutex that a condition variable is to give back to this one.
    pub retakes: bool,
    /// The how-manieth wait of the thread this is: changes when it goes on.
    pub turn: u64,
}

impl Knotted {
    /// Whether it waits for a lock and nothing else.
    pub(super) fn waits_for_lock_alone(&self) -> bool {
        matches!(self.wait.need, Need::Lock(_)) && self.wait.also.is_empty()
    }
}

/// Threads that can never go on.
#[derive(Clone, Debug)]
pub struct Knot {
    /// The threads, the one it was noticed through first.
    pub threads: Vec<Knotted>,
    /// The locks in it whose holder ended without releasing them: who that was, and where it was locked.
    pub orphans: Vec<(LockId, Orphan)>,
    /// Whether only threads of the knot could end its waits.
    pub is_certain: bool,
    /// The semaphores in it whose permits were forgotten, and where.
    pub permits: Vec<(LockId, Caller)>,
}

/// A lock whose holder has ended.
#[derive(Clone, Debug)]
pub struct Orphan {
    /// The thread that held it.
    pub thread: ThreadId,
    /// Who held it.
    pub who: Who,
    /// How and where it was locked.
    pub held: Held,
}
