//! Points: the places of a run where it can be disturbed.

/// A place of a run: which operation of which thread.
///
/// Threads are told by who started them and as how many, not by a global counter, so that the same operation is the same
/// point in every run in which its thread does the same before.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// The thread: made from that of its parent and its number among the threads that one started.
    pub thread: u64,
    /// How many points the thread has come by before.
    pub operation: u64,
    /// What it is about to do.
    pub deed: Deed,
    /// Whether the last thing it did was to give something away: a lock, a message, a notification.
    pub has_given: bool,
}

/// What a thread is about to do at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// To run its first own code.
    Start,
    /// To go on after it started another thread.
    Spawned,
    /// To ask for a lock, a message, an end: for something that others give.
    Take,
    /// To give something that others may wait for.
    Give,
    /// To touch an atomic.
    Touch,
}

/// What is done to a thread at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// Nothing.
    None,
    /// It offers its core to others.
    Yield,
    /// It is kept busy for so many turns of an empty loop.
    Spin(u32),
    /// It sleeps for so many microseconds.
    Sleep(u32),
    /// It waits until another thread comes to the same object, at most for so many microseconds.
    Trap(u32),
}
