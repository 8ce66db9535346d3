//! A lock around what takes a moment. It is one exchange and one store, half of what the standard library's mutex takes, and
//! nobody who wants it sleeps.

use std::cell::UnsafeCell;
use std::fmt;
use std::hint;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};

/// A value that one thread at a time has, for a moment: nothing that could wait may be called meanwhile.
#[derive(Default)]
pub(crate) struct Brief<T> {
    is_busy: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value is only reached through a `Turn`, and whoever has set `is_busy` has the only one.
unsafe impl<T: Send> Sync for Brief<T> {}

/// The right to the value; given back when it is dropped.
pub(crate) struct Turn<'a, T>(&'a Brief<T>);

impl<T> Brief<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            is_busy: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Waits for the value.
    #[inline]
    pub(crate) fn turn(&self) -> Turn<'_, T> {
        // Acquire: pairs with the release in `drop`.
        while self.is_busy.swap(true, Ordering::Acquire) {
            self.pass();
        }
        Turn(self)
    }

    #[cold]
    fn pass(&self) {
        hint::spin_loop();
        std::thread::yield_now();
    }
}

impl<T> Deref for Turn<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this is the only turn.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for Turn<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: this is the only turn.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for Turn<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // Release: pairs with the acquire in `turn`.
        self.0.is_busy.store(false, Ordering::Release);
    }
}

impl<T> fmt::Debug for Brief<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Brief").finish_non_exhaustive()
    }
}
