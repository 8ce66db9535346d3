//! `std::sync::LazyLock`, watched.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;

use model::kind::Kind;

use super::gate::Gate;

/// The watched form of [`std::sync::LazyLock`].
///
/// ```
/// use unsnarl::sync::LazyLock;
///
/// static GREETING: LazyLock<String> = LazyLock::new(|| "hello".to_owned());
/// assert_eq!(*GREETING, "hello");
/// ```
pub struct LazyLock<T, F = fn() -> T> {
    gate: Gate,
    inner: std::sync::LazyLock<T, F>,
}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// A value that `f` makes at its first use. See [`std::sync::LazyLock::new`].
    #[inline]
    #[track_caller]
    pub const fn new(f: F) -> Self {
        Self {
            gate: Gate::new(Kind::LazyLock, Location::caller()),
            inner: std::sync::LazyLock::new(f),
        }
    }

    /// The value, made now if there is none. See [`std::sync::LazyLock::force`].
    ///
    /// # Panics
    ///
    /// If making it panics or has panicked, or the thread would wait for ever.
    #[inline]
    #[track_caller]
    pub fn force(this: &Self) -> &T {
        if let Some(value) = Self::get(this) {
            return value;
        }
        let is_completed = || std::sync::LazyLock::get(&this.inner).is_some();
        let _initialising = this.gate.enter(Location::caller(), &is_completed);
        std::sync::LazyLock::force(&this.inner)
    }

    /// The value, made now if there is none. See [`std::sync::LazyLock::force_mut`].
    ///
    /// # Panics
    ///
    /// If making it panics or has panicked.
    #[inline]
    pub fn force_mut(this: &mut Self) -> &mut T {
        std::sync::LazyLock::force_mut(&mut this.inner)
    }
}

impl<T, F> LazyLock<T, F> {
    /// The value, if it was made. See [`std::sync::LazyLock::get`].
    #[inline]
    #[track_caller]
    pub fn get(this: &Self) -> Option<&T> {
        this.gate.look(Location::caller());
        let value = std::sync::LazyLock::get(&this.inner);
        if value.is_some() {
            this.gate.seen();
        }
        value
    }

    /// The value, if it was made. See [`std::sync::LazyLock::get_mut`].
    #[inline]
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        std::sync::LazyLock::get_mut(&mut this.inner)
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    #[inline]
    #[track_caller]
    fn deref(&self) -> &T {
        Self::force(self)
    }
}

impl<T, F: FnOnce() -> T> DerefMut for LazyLock<T, F> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        Self::force_mut(self)
    }
}

impl<T: Default> Default for LazyLock<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
