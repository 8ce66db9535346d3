//! `tokio::sync::OnceCell`, watched: what orders whoever reads it after whoever has initialised it. Who waits for an
//! initialisation counts as running, since that may await anything.

use std::fmt;
use std::panic::Location;

use ::tokio::sync::SetError;
use model::kind::Kind;

use crate::watched::tag::Tag;

once!(
    OnceCell,
    SetError,
    "If it has one, or somebody initialises it; the error has the value."
);

impl<T> OnceCell<T> {
    /// The value, if it has one. See [`tokio::sync::OnceCell::get_mut`](::tokio::sync::OnceCell::get_mut).
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.inner.get_mut()
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

    /// The value, which leaves the cell empty. See [`tokio::sync::OnceCell::take`](::tokio::sync::OnceCell::take).
    pub fn take(&mut self) -> Option<T> {
        self.inner.take()
    }
}
