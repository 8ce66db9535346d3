//! `tokio::sync::SetOnce`, watched.

use std::fmt;
use std::panic::Location;

use ::tokio::sync::SetOnceError;
use lockgraph::wait::need::{Deed, Need};
use model::kind::Kind;

use super::awaiting::on;
use crate::recorder::tasks::suspension::Await;
use crate::watched::tag::Tag;

/// The watched form of [`tokio::sync::SetOnce`](::tokio::sync::SetOnce).
pub struct SetOnce<T> {
    tag: Tag,
    inner: ::tokio::sync::SetOnce<T>,
}

impl<T> SetOnce<T> {
    /// An empty cell. See [`tokio::sync::SetOnce::new`](::tokio::sync::SetOnce::new).
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Self::const_new()
    }

    /// An empty cell, in a constant. See [`tokio::sync::SetOnce::const_new`](::tokio::sync::SetOnce::const_new).
    #[must_use]
    #[track_caller]
    pub const fn const_new() -> Self {
        Self {
            tag: Tag::new(Kind::OnceLock, Location::caller()),
            inner: ::tokio::sync::SetOnce::const_new(),
        }
    }

    /// A cell with this value, if there is one. See [`tokio::sync::SetOnce::new_with`](::tokio::sync::SetOnce::new_with).
    #[must_use]
    #[track_caller]
    pub fn new_with(value: Option<T>) -> Self {
        Self {
            tag: Tag::new(Kind::OnceLock, Location::caller()),
            inner: ::tokio::sync::SetOnce::new_with(value),
        }
    }

    /// A cell with this value, in a constant. See
    /// [`tokio::sync::SetOnce::const_new_with`](::tokio::sync::SetOnce::const_new_with).
    #[must_use]
    #[track_caller]
    pub const fn const_new_with(value: T) -> Self {
        Self {
            tag: Tag::new(Kind::OnceLock, Location::caller()),
            inner: ::tokio::sync::SetOnce::const_new_with(value),
        }
    }

    /// Whether it has a value. See [`tokio::sync::SetOnce::initialized`](::tokio::sync::SetOnce::initialized).
    pub fn initialized(&self) -> bool {
        let is_there = self.inner.initialized();
        self.tag.received();
        is_there
    }

    /// The value, if it has one. See [`tokio::sync::SetOnce::get`](::tokio::sync::SetOnce::get).
    pub fn get(&self) -> Option<&T> {
        let value = self.inner.get();
        self.tag.received();
        value
    }

    /// Gives it a value. See [`tokio::sync::SetOnce::set`](::tokio::sync::SetOnce::set).
    ///
    /// # Errors
    ///
    /// If it has one; the error has the value.
    pub fn set(&self, value: T) -> Result<(), SetOnceError<T>> {
        self.tag.giving();
        self.inner.set(value)
    }

    /// The value, without the cell. See [`tokio::sync::SetOnce::into_inner`](::tokio::sync::SetOnce::into_inner).
    pub fn into_inner(self) -> Option<T> {
        self.inner.into_inner()
    }

    /// Waits for the value. See [`tokio::sync::SetOnce::wait`](::tokio::sync::SetOnce::wait).
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = &T> {
        let site = Location::caller();
        async move {
            let awaited = || Await {
                target: self.tag.target(),
                need: Need::Anyone(Deed::Initialise),
                site,
            };
            let value = on(awaited, self.inner.wait()).await;
            self.tag.received();
            value
        }
    }
}

impl<T> Default for SetOnce<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for SetOnce<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::const_new_with(value)
    }
}

impl<T: Clone> Clone for SetOnce<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        Self::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for SetOnce<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for SetOnce<T> {}

impl<T: fmt::Debug> fmt::Debug for SetOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
