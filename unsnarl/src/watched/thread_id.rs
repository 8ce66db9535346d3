//! `std::thread::ThreadId`, watched: the standard library counts threads, so what a program makes of their numbers, such as
//! the seeds of its random numbers, would differ from one execution to the next.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::NonZero;

/// The watched form of [`std::thread::ThreadId`]. A thread of an explored run has the same in every execution.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ThreadId(NonZero<u64>);

/// What the standard library never counts up to.
const CONTROLLED: NonZero<u64> = NonZero::new(1 << 63).unwrap();

impl ThreadId {
    /// That of a thread of an explored run, by its key.
    pub(super) fn controlled(key: u64) -> Self {
        Self(CONTROLLED | key)
    }
}

impl From<std::thread::ThreadId> for ThreadId {
    fn from(id: std::thread::ThreadId) -> Self {
        let mut number = Number(0);
        id.hash(&mut number);
        Self(NonZero::new(number.0).unwrap_or(NonZero::<u64>::MAX))
    }
}

impl PartialEq<std::thread::ThreadId> for ThreadId {
    fn eq(&self, other: &std::thread::ThreadId) -> bool {
        *self == Self::from(*other)
    }
}

impl PartialEq<ThreadId> for std::thread::ThreadId {
    fn eq(&self, other: &ThreadId) -> bool {
        other == self
    }
}

/// Hashes a number as itself.
struct Number(u64);

impl Hasher for Number {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

impl fmt::Debug for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ThreadId").field(&self.0).finish()
    }
}
