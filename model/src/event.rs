//! Events: what threads did to locks and to each other, in the order in which it was announced.

use crate::id::{LockId, ThreadId};

/// How a lock is held or asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Alone: a mutex, or a read-write lock for writing.
    Exclusive,
    /// Together with other readers: a read-write lock for reading.
    Shared,
}

/// Whether an acquisition may block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attempt {
    /// It waits as long as it takes.
    Blocking,
    /// It gives up at once, so it can never be the step that completes a deadlock. Recorded when it succeeded.
    Try,
}

/// One thing that a thread did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Who did it.
    pub thread: ThreadId,
    /// What it did.
    pub op: Op,
}

impl Event {
    /// An event of this thread.
    #[must_use]
    pub fn new(thread: ThreadId, op: Op) -> Self {
        Self { thread, op }
    }
}

/// What a thread can do, as far as the order of locks is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Op {
    /// Asks for a lock; announced before it blocks.
    Acquire {
        /// The lock asked for.
        lock: LockId,
        /// How it will be held.
        mode: Mode,
        /// Whether the thread would wait.
        attempt: Attempt,
    },
    /// Gives a lock back.
    Release {
        /// The lock given back.
        lock: LockId,
    },
    /// Destroys a lock.
    Retire {
        /// The lock destroyed.
        lock: LockId,
    },
    /// Starts a thread.
    Fork {
        /// The thread started.
        child: ThreadId,
    },
    /// Has seen a thread end.
    Join {
        /// The thread that ended.
        child: ThreadId,
    },
}
