//! `std::sync::OnceLock`, watched.

use std::fmt;
use std::panic::Location;

use model::kind::Kind;

use super::gate::{Gate, Initialising};

/// The watched form of [`std::sync::OnceLock`].
///
/// ```
/// use unsnarl::sync::OnceLock;
///
/// static GREETING: OnceLock<String> = OnceLock::new();
/// assert_eq!(GREETING.get_or_init(|| "hello".to_owned()), "hello");
/// assert_eq!(GREETING.set("again".to_owned()), Err("again".to_owned()));
/// ```
pub struct OnceLock<T> {
    gate: Gate,
    inner: std::sync::OnceLock<T>,
}

impl<T> OnceLock<T> {
    /// An empty cell. See [`std::sync::OnceLock::new`].
    #[inline]
    #[must_use]
    #[track_caller]
    pub const fn new() -> Self {
        Self {
            gate: Gate::new(Kind::OnceLock, Location::caller()),
            inner: std::sync::OnceLock::new(),
        }
    }

    /// The value, if there is one yet. See [`std::sync::OnceLock::get`].
    #[inline]
    #[track_caller]
    pub fn get(&self) -> Option<&T> {
        self.gate.look(Location::caller());
        let value = self.inner.get();
        if value.is_some() {
            self.gate.seen();
        }
        value
    }

    /// The value, if there is one yet. See [`std::sync::OnceLock::get_mut`].
    #[inline]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.inner.get_mut()
    }

    /// Waits until there is a value. See [`std::sync::OnceLock::wait`].
    ///
    /// # Panics
    ///
    /// If the thread would wait for ever.
    #[inline]
    #[track_caller]
    pub fn wait(&self) -> &T {
        if self.get().is_none() {
            let is_over = |_| self.inner.get().is_some();
            self.gate.wait(Location::caller(), &is_over);
        }
        // There is a value, so this does not wait.
        self.inner.wait()
    }

    /// Puts `value` into the cell if it is empty. See [`std::sync::OnceLock::set`].
    ///
    /// # Errors
    ///
    /// If the cell has a value; the error is the one it was to have.
    ///
    /// # Panics
    ///
    /// If the thread would wait for ever.
    #[inline]
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        if self.get().is_some() {
            return Err(value);
        }
        let _initialising = self.enter();
        self.inner.set(value)
    }

    /// The value, made by `f` if there is none. See [`std::sync::OnceLock::get_or_init`].
    ///
    /// # Panics
    ///
    /// If `f` panics, or the thread would wait for ever.
    #[inline]
    #[track_caller]
    pub fn get_or_init<F>(&self, f: F) -> &T
    where
        F: FnOnce() -> T,
    {
        if let Some(value) = self.get() {
            return value;
        }
        let _initialising = self.enter();
        self.inner.get_or_init(f)
    }

    /// The value, without the cell. See [`std::sync::OnceLock::into_inner`].
    #[inline]
    pub fn into_inner(self) -> Option<T> {
        self.inner.into_inner()
    }

    /// Takes the value out, and leaves the cell empty. See [`std::sync::OnceLock::take`].
    #[inline]
    pub fn take(&mut self) -> Option<T> {
        self.inner.take()
    }

    #[track_caller]
    fn enter(&self) -> Option<Initialising<'_>> {
        self.gate
            .enter(Location::caller(), &|| self.inner.get().is_some())
    }

    /// A cell around one that nobody else has seen.
    #[track_caller]
    fn around(inner: std::sync::OnceLock<T>) -> Self {
        Self {
            inner,
            ..Self::new()
        }
    }
}

impl<T> Default for OnceLock<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: Clone> Clone for OnceLock<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        Self::around(self.inner.clone())
    }
}

impl<T> From<T> for OnceLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::around(std::sync::OnceLock::from(value))
    }
}

impl<T: PartialEq> PartialEq for OnceLock<T> {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl<T: Eq> Eq for OnceLock<T> {}
