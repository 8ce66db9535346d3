//! `tokio::sync::broadcast`, watched.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::Arc;

use ::tokio::sync::broadcast;
use ::tokio::sync::broadcast::error::{RecvError, SendError, TryRecvError};

use super::awaiting::on;
use super::mpsc::Facts;

/// A channel whose messages all receivers get. See [`tokio::sync::broadcast::channel`](::tokio::sync::broadcast::channel).
///
/// # Panics
///
/// If `capacity` is 0, or more than `usize::MAX / 2`.
#[track_caller]
pub fn channel<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let facts = Arc::new(Facts::new(Location::caller()));
    let (sender, receiver) = broadcast::channel(capacity);
    let sender = Sender {
        inner: sender,
        facts: Arc::clone(&facts),
    };
    let receiver = Receiver {
        inner: receiver,
        facts,
    };
    (sender, receiver)
}

/// The watched form of [`tokio::sync::broadcast::Sender`](::tokio::sync::broadcast::Sender).
pub struct Sender<T> {
    inner: broadcast::Sender<T>,
    facts: Arc<Facts>,
}

impl<T> Sender<T> {
    /// A sender without receivers. See [`tokio::sync::broadcast::Sender::new`](::tokio::sync::broadcast::Sender::new).
    ///
    /// # Panics
    ///
    /// As [`channel`].
    #[must_use]
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        Self {
            inner: broadcast::Sender::new(capacity),
            facts: Arc::new(Facts::new(Location::caller())),
        }
    }

    /// Sends a message. See [`tokio::sync::broadcast::Sender::send`](::tokio::sync::broadcast::Sender::send).
    ///
    /// # Errors
    ///
    /// If there is no receiver; the error has the message.
    pub fn send(&self, value: T) -> Result<usize, SendError<T>> {
        self.facts.sending();
        self.inner.send(value)
    }

    /// A new receiver. See [`tokio::sync::broadcast::Sender::subscribe`](::tokio::sync::broadcast::Sender::subscribe).
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver {
            inner: self.inner.subscribe(),
            facts: Arc::clone(&self.facts),
        }
    }
}

sending_ends!(broadcast::Sender, WeakSender);

/// The watched form of [`tokio::sync::broadcast::Receiver`](::tokio::sync::broadcast::Receiver).
pub struct Receiver<T> {
    inner: broadcast::Receiver<T>,
    facts: Arc<Facts>,
}

impl<T: Clone> Receiver<T> {
    /// Waits for a message. See [`tokio::sync::broadcast::Receiver::recv`](::tokio::sync::broadcast::Receiver::recv).
    ///
    /// # Errors
    ///
    /// If some were missed, or there will be none.
    #[track_caller]
    pub fn recv(&mut self) -> impl Future<Output = Result<T, RecvError>> {
        let site = Location::caller();
        async move {
            let message = on(|| self.facts.for_message(site), self.inner.recv()).await;
            self.facts.received();
            message
        }
    }

    /// Takes a message if there is one. See
    /// [`tokio::sync::broadcast::Receiver::try_recv`](::tokio::sync::broadcast::Receiver::try_recv).
    ///
    /// # Errors
    ///
    /// If there is none, some were missed, or there will be none.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let message = self.inner.try_recv();
        self.facts.received();
        message
    }

    /// Blocks the thread until there is a message. See
    /// [`tokio::sync::broadcast::Receiver::blocking_recv`](::tokio::sync::broadcast::Receiver::blocking_recv).
    ///
    /// # Errors
    ///
    /// If some were missed, or there will be none.
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it.
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Result<T, RecvError> {
        let waiting = self.facts.block_for_message(Location::caller());
        let message = self.inner.blocking_recv();
        drop(waiting);
        self.facts.received();
        message
    }

    /// A receiver of what is sent from now on. See
    /// [`tokio::sync::broadcast::Receiver::resubscribe`](::tokio::sync::broadcast::Receiver::resubscribe).
    #[must_use]
    pub fn resubscribe(&self) -> Self {
        Self {
            inner: self.inner.resubscribe(),
            facts: Arc::clone(&self.facts),
        }
    }
}

end!(broadcast::Receiver);

impl<T> DerefMut for Receiver<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.inner
    }
}
