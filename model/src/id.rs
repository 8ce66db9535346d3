//! Identities: small numbers that are never reused within a process.

use std::fmt;

/// A lock, or another object that threads hold: a new number for each, even where an address is used again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LockId(pub u32);

/// A thread, numbered in the order of its creation or first use of a watched object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadId(pub u32);

impl LockId {
    /// No lock: the identity of an object that has not been given one.
    pub const NONE: Self = Self(0);

    /// Any lock: the identity that all objects share when there are no more numbers.
    pub const ANY: Self = Self(u32::MAX);
}

impl fmt::Display for LockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl fmt::Display for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
