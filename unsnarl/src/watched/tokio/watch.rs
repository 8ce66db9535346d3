//! `tokio::sync::watch`, watched.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::sync::Arc;

use ::tokio::sync::watch;
use ::tokio::sync::watch::Ref;
use ::tokio::sync::watch::error::{RecvError, SendError};

use super::awaiting::on;
use super::mpsc::Facts;

/// A channel that shows the last value. See [`tokio::sync::watch::channel`](::tokio::sync::watch::channel).
#[track_caller]
pub fn channel<T>(init: T) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(init);
    let receiver = sender.subscribe();
    (sender, receiver)
}

/// The watched form of [`tokio::sync::watch::Sender`](::tokio::sync::watch::Sender).
pub struct Sender<T> {
    inner: watch::Sender<T>,
    facts: Arc<Facts>,
}

impl<T> Sender<T> {
    /// A sender without receivers. See [`tokio::sync::watch::Sender::new`](::tokio::sync::watch::Sender::new).
    #[track_caller]
    pub fn new(init: T) -> Self {
        Self {
            inner: watch::Sender::new(init),
            facts: Arc::new(Facts::new(Location::caller())),
        }
    }

    /// Shows another value. See [`tokio::sync::watch::Sender::send`](::tokio::sync::watch::Sender::send).
    ///
    /// # Errors
    ///
    /// If there is no receiver; the error has the value.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.facts.sending();
        self.inner.send(value)
    }

    /// Changes the value. See [`tokio::sync::watch::Sender::send_modify`](::tokio::sync::watch::Sender::send_modify).
    pub fn send_modify<F>(&self, modify: F)
    where
        F: FnOnce(&mut T),
    {
        self.facts.sending();
        self.inner.send_modify(|value| {
            modify(value);
            self.facts.sending();
        });
    }

    /// Changes the value, maybe. See
    /// [`tokio::sync::watch::Sender::send_if_modified`](::tokio::sync::watch::Sender::send_if_modified).
    pub fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        self.inner.send_if_modified(|value| {
            let is_modified = modify(value);
            self.facts.sending();
            is_modified
        })
    }

    /// Shows another value, and returns the old one. See
    /// [`tokio::sync::watch::Sender::send_replace`](::tokio::sync::watch::Sender::send_replace).
    pub fn send_replace(&self, value: T) -> T {
        self.facts.sending();
        self.inner.send_replace(value)
    }

    /// A new receiver. See [`tokio::sync::watch::Sender::subscribe`](::tokio::sync::watch::Sender::subscribe).
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver {
            inner: self.inner.subscribe(),
            facts: Arc::clone(&self.facts),
        }
    }
}

sending_end!(watch::Sender, T: fmt::Debug);

impl<T: Default> Default for Sender<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

/// The watched form of [`tokio::sync::watch::Receiver`](::tokio::sync::watch::Receiver).
pub struct Receiver<T> {
    inner: watch::Receiver<T>,
    facts: Arc<Facts>,
}

impl<T> Receiver<T> {
    /// Waits for another value. See [`tokio::sync::watch::Receiver::changed`](::tokio::sync::watch::Receiver::changed).
    ///
    /// # Errors
    ///
    /// If there will be none.
    #[track_caller]
    pub fn changed(&mut self) -> impl Future<Output = Result<(), RecvError>> {
        let site = Location::caller();
        async move {
            let changed = on(|| self.facts.for_message(site), self.inner.changed()).await;
            self.facts.received();
            changed
        }
    }

    /// Waits for a value like this. See [`tokio::sync::watch::Receiver::wait_for`](::tokio::sync::watch::Receiver::wait_for).
    ///
    /// # Errors
    ///
    /// If there will be none.
    #[track_caller]
    pub fn wait_for(
        &mut self,
        f: impl FnMut(&T) -> bool,
    ) -> impl Future<Output = Result<Ref<'_, T>, RecvError>> {
        let site = Location::caller();
        async move {
            let facts = &self.facts;
            let value = on(|| facts.for_message(site), self.inner.wait_for(f)).await;
            facts.received();
            value
        }
    }

    /// The value. See [`tokio::sync::watch::Receiver::borrow`](::tokio::sync::watch::Receiver::borrow).
    pub fn borrow(&self) -> Ref<'_, T> {
        let value = self.inner.borrow();
        self.facts.received();
        value
    }

    /// The value, which is then seen. See
    /// [`tokio::sync::watch::Receiver::borrow_and_update`](::tokio::sync::watch::Receiver::borrow_and_update).
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        let value = self.inner.borrow_and_update();
        self.facts.received();
        value
    }

    /// Forgets that the value was seen. See
    /// [`tokio::sync::watch::Receiver::mark_changed`](::tokio::sync::watch::Receiver::mark_changed).
    pub fn mark_changed(&mut self) {
        self.inner.mark_changed();
    }

    /// The value counts as seen. See
    /// [`tokio::sync::watch::Receiver::mark_unchanged`](::tokio::sync::watch::Receiver::mark_unchanged).
    pub fn mark_unchanged(&mut self) {
        self.inner.mark_unchanged();
    }
}

shared_end!(watch::Receiver, T: fmt::Debug);
