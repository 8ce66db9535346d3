//! The value of an atomic, of whatever type.

use std::fmt;
use std::mem::MaybeUninit;

/// A value of at most eight bytes. A pointer stays one.
#[derive(Clone, Copy)]
pub(crate) struct Value(MaybeUninit<u64>);

impl Value {
    /// This value: a number, a `bool` or a pointer.
    pub(crate) fn of<V: Copy>(value: V) -> Self {
        const { assert!(size_of::<V>() <= 8 && align_of::<V>() <= align_of::<u64>()) };
        let mut bits = MaybeUninit::<u64>::zeroed();
        // SAFETY: the value fits, as the line above makes sure.
        unsafe { bits.as_mut_ptr().cast::<V>().write(value) };
        Self(bits)
    }

    /// The value again.
    ///
    /// # Safety
    ///
    /// It must have been made of this type.
    pub(crate) unsafe fn get<V: Copy>(self) -> V {
        // SAFETY: the caller says that there is such a value, and it lies where `of` has written it.
        unsafe { self.0.as_ptr().cast::<V>().read() }
    }

    /// The value as a number.
    pub(super) fn bits(self) -> u64 {
        // SAFETY: all eight bytes are set: by zeros, and then by a value without gaps.
        unsafe { self.0.assume_init() }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.bits() == other.bits()
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.bits())
    }
}
