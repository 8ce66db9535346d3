//! `OnceLock` of a model.

use std::cell::UnsafeCell;
use std::fmt;

use super::once::Once;

/// [`std::sync::OnceLock`] in a model.
pub struct OnceLock<T> {
    once: Once,
    /// Written by the call of the `Once`, and read when that is complete.
    value: UnsafeCell<Option<T>>,
}

// SAFETY: the value is written once, before anybody reads it, by any thread; then it is only read.
unsafe impl<T: Send + Sync> Sync for OnceLock<T> {}

impl<T> OnceLock<T> {
    /// One without a value.
    #[must_use]
    pub fn new() -> Self {
        Self {
            once: Once::new(),
            value: UnsafeCell::new(None),
        }
    }

    /// The value, if there is one.
    #[track_caller]
    pub fn get(&self) -> Option<&T> {
        if !self.once.is_completed() {
            return None;
        }
        // SAFETY: who has written it is done, and nobody writes again.
        unsafe { &*self.value.get() }.as_ref()
    }

    /// The value, if there is one, for whoever has it all.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut().as_mut()
    }

    /// Waits for the value.
    #[track_caller]
    pub fn wait(&self) -> &T {
        self.once.wait();
        self.get().expect("the call has left a value")
    }

    /// Gives it a value.
    ///
    /// # Errors
    ///
    /// With the value, if there is one already.
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        self.fill(|| value.take().expect("the call is made once"));
        value.map_or(Ok(()), Err)
    }

    /// The value, made if there is none.
    #[track_caller]
    pub fn get_or_init<F: FnOnce() -> T>(&self, f: F) -> &T {
        self.fill(f);
        self.get().expect("the call has left a value")
    }

    #[track_caller]
    fn fill(&self, f: impl FnOnce() -> T) {
        self.once.call_once(|| {
            let value = f();
            // SAFETY: the call is made once, and before it is complete nobody looks.
            unsafe { *self.value.get() = Some(value) };
        });
    }

    /// The value, if there is one, without the cell.
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// The value, if there is one; the cell has none then.
    pub fn take(&mut self) -> Option<T> {
        std::mem::take(self).into_inner()
    }
}

impl<T> Default for OnceLock<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for OnceLock<T> {
    fn from(value: T) -> Self {
        let cell = Self::new();
        cell.fill(|| value);
        cell
    }
}

impl<T> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceLock").finish_non_exhaustive()
    }
}
