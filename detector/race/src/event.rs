//! Events: what threads did, in one order, as recorded in a trace. Everything is named by a small number.

use std::sync::atomic::Ordering;

/// One thing that a thread did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Who did it.
    pub thread: u32,
    /// What it did.
    pub op: Op,
    /// Where in the source.
    pub site: u32,
    /// Its place in the trace; later events have higher ones.
    pub line: u64,
}

impl Event {
    /// An event of this thread.
    #[must_use]
    pub fn new(thread: u32, op: Op, site: u32, line: u64) -> Self {
        Self {
            thread,
            op,
            site,
            line,
        }
    }
}

/// What a thread can do. Each kind of object has numbers of its own, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Op {
    /// Reads a value.
    Read(u32),
    /// Writes a value.
    Write(u32),
    /// Has got a lock for itself.
    Acquire(u32),
    /// Has got a lock for itself by trying, and would not have waited for it.
    AcquireTry(u32),
    /// Gives it back.
    Release(u32),
    /// Has got a lock together with other readers.
    AcquireShared(u32),
    /// Gives it back.
    ReleaseShared(u32),
    /// Starts a thread.
    Fork(u32),
    /// Has seen a thread end.
    Join(u32),
    /// Begins.
    Begin,
    /// Ends.
    End,
    /// Reads an atomic.
    Load(u32, Ordering),
    /// Writes an atomic.
    Store(u32, Ordering),
    /// Reads an atomic and writes it in one step.
    Update(u32, Ordering),
    /// A fence.
    Fence(Ordering),
    /// Sends the next message of a channel.
    Send(u32),
    /// Receives the next message of a channel.
    Receive(u32),
    /// Arrives where several threads meet.
    Arrive(u32),
    /// Leaves, after all have arrived.
    Leave(u32),
}
