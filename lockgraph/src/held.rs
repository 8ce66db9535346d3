//! The locks that one thread holds: the thread's own half of the lock-order engine.

use model::event::Mode;
use model::id::LockId;
use model::kind::Kind;
use model::site::{Caller, Origin};

/// A lock held, or asked for, by one thread.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// Hash of all locks held when this one was asked for, and of itself.
    pub chain: u64,
    /// Where it was asked for.
    pub site: Caller,
    /// The class it belongs to.
    pub origin: Origin,
    /// The lock.
    pub lock: LockId,
    /// How it is held.
    pub mode: Mode,
    /// What it is.
    pub kind: Kind,
}
