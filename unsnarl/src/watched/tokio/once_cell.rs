//! `tokio::sync::OnceCell`, watched: what orders whoever reads it after whoever has initialised it. Who waits for an
//! initialisation counts as running, since that may await anything.

use std::fmt;
use std::panic::Location;

use ::tokio::sync::SetError;
use model::kind::Kind;

use crate::watched::tag::Tag;

/// The watched form of [`tokio::sync::OnceCell`](::tokio::sync::OnceCell).
pub struct OnceCell<T> {
    tag: Tag,
    inner: ::tokio::sync::OnceCell<T>,
}

impl<T> OnceCell<T> {
    /// An empty cell. See [`tokio::sync::OnceCell::new`](::tokio::sync::OnceCell::new).
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Self::const_new()
    }

    /// An empty cell, in a constant. See [`tokio::sync::OnceCell::const_new`](::tokio::sync::OnceCell::const_new).
    #[must_use]
    #[track_caller]
    pub const fn const_new() -> Self {
        Self {
            tag: Tag::new(Kind::OnceLock, Location::caller()),
            inner: ::tokio::sync::OnceCell::const_new(),
        }
    }

    /// A cell with this value, if there is one. See [`tokio::sync::OnceCell::new_with`](::tokio::sync::OnceCell::new_with).
    #[must_use]
    #[track_caller]
    pub fn new_with(value: Option<T>) -> Self {
        Self {
            tag: Tag::new(Kind::OnceLock, Location::caller()),
            inner: ::tokio::sync::OnceCell::new_with(value),
        }
    }

    /// A cell with this value, in a constant. See
    /// [`tokio::sync::OnceCell::const_new_with`](::tokio::sync::OnceCell::const_new_with).
    #[must_use]
    #[track_caller]
    pub const fn const_new_with(value: T) -> Self {
        Self {
            tag: Tag::new(Kind::OnceLock, Location::caller()),
            inner: ::tokio::sync::OnceCell::const_new_with(value),
        }
    }

    /// Whether it has a value. See [`tokio::sync::OnceCell::initialized`](::tokio::sync::OnceCell::initialized).
    pub fn initialized(&self) -> bool {
        let is_there = self.inner.initialized();
        self.tag.received();
        is_there
    }

    /// The value, if it has one. See [`tokio::sync::OnceCell::get`](::tokio::sync::OnceCell::get).
    pub fn get(&self) -> Option<&T> {
        let value = self.inner.get();
        self.tag.received();
        value
    }

    /// The value, if it has one. See [`tokio::sync::OnceCell::get_mut`](::tokio::sync::OnceCell::get_mut).
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.inner.get_mut()
    }

    /// Gives it a value. See [`tokio::sync::OnceCell::set`](::tokio::sync::OnceCell::set).
    ///
    /// # Errors
    ///
    /// If it has one, or somebody initialises it; the error has the value.
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        self.tag.giving();
        self.inner.set(value)
    }

    /// The value, which is made if there is none. See
    /// [`tokio::sync::OnceCell::get_or_init`](::tokio::sync::OnceCell::get_or_init).
    pub async fn get_or_init<F, Fut>(&self, f: F) -> &T
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = T>,
    {
        let make = async || {
            let value = f().await;
            self.tag.giving();
            value
        };
        let value = self.inner.get_or_init(make).await;
        self.tag.received();
        value
    }

    /// The value, which is made if there is none and that works. See
    /// [`tokio::sync::OnceCell::get_or_try_init`](::tokio::sync::OnceCell::get_or_try_init).
    ///
    /// # Errors
    ///
    /// If it does not.
    pub async fn get_or_try_init<E, F, Fut>(&self, f: F) -> Result<&T, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let make = async || {
            let value = f().await;
            self.tag.giving();
            value
        };
        let value = self.inner.get_or_try_init(make).await;
        self.tag.received();
        value
    }

    /// The value, without the cell. See [`tokio::sync::OnceCell::into_inner`](::tokio::sync::OnceCell::into_inner).
    pub fn into_inner(self) -> Option<T> {
        self.inner.into_inner()
    }

    /// The value, which leaves the cell empty. See [`tokio::sync::OnceCell::take`](::tokio::sync::OnceCell::take).
    pub fn take(&mut self) -> Option<T> {
        self.inner.take()
    }
}

impl<T> Default for OnceCell<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for OnceCell<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::const_new_with(value)
    }
}

impl<T: Clone> Clone for OnceCell<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        Self::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for OnceCell<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceCell<T> {}

impl<T: fmt::Debug> fmt::Debug for OnceCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
