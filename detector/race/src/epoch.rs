//! A moment in one thread's life, in one word.

use std::fmt;

/// The place of a thread in clocks. Another thread may have it after this one was joined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

/// A moment of a thread: its slot, and how often it had released something before.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Epoch(u64);

const TIME_BITS: u32 = 44;
const TIME_MASK: u64 = (1 << TIME_BITS) - 1;

impl Epoch {
    /// No moment: before everything.
    pub const NONE: Self = Self(0);

    /// The first moment of a slot that nobody had before.
    #[must_use]
    pub const fn first(slot: Slot) -> Self {
        Self::new(slot, 1)
    }

    /// The moment `time` of a slot; times start at 1.
    #[must_use]
    pub const fn new(slot: Slot, time: u64) -> Self {
        Self((slot.0 as u64) << TIME_BITS | time & TIME_MASK)
    }

    /// Whose moment it is.
    #[inline(always)]
    #[must_use]
    pub const fn slot(self) -> Slot {
        Slot((self.0 >> TIME_BITS) as u32)
    }

    /// How often the slot had released something before, plus one.
    #[inline(always)]
    #[must_use]
    pub const fn time(self) -> u64 {
        self.0 & TIME_MASK
    }

    /// The next moment of the same slot. There are 17 million million of them.
    #[inline(always)]
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Whether there is no moment here.
    #[inline(always)]
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The moment of this word.
    #[inline(always)]
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The moment as one word, for an atomic. Words of one slot are ordered as their moments are.
    #[inline(always)]
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.time(), self.slot().0)
    }
}
