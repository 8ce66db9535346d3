//! `LazyLock` of a model.

use std::cell::Cell;
use std::fmt;
use std::ops::Deref;

use super::once_lock::OnceLock;

/// [`std::sync::LazyLock`] in a model.
pub struct LazyLock<T, F = fn() -> T> {
    value: OnceLock<T>,
    /// Until it is called.
    init: Cell<Option<F>>,
}

// SAFETY: the function is taken by the call that fills the cell, which is made once.
unsafe impl<T: Send + Sync, F: Send> Sync for LazyLock<T, F> {}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// A value that this function makes when it is needed.
    #[must_use]
    pub fn new(f: F) -> Self {
        Self {
            value: OnceLock::new(),
            init: Cell::new(Some(f)),
        }
    }

    /// The value, made if there is none.
    #[track_caller]
    pub fn force(this: &Self) -> &T {
        this.value.get_or_init(|| {
            let init = this.init.take();
            init.expect("the call is made once")()
        })
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        Self::force(self)
    }
}

impl<T: Default> Default for LazyLock<T> {
    fn default() -> Self {
        Self::new(T::default)
    }
}

impl<T, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyLock").finish_non_exhaustive()
    }
}
