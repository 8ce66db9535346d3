//! `tokio::sync::oneshot`, watched.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::tokio::sync::oneshot;
use ::tokio::sync::oneshot::error::{RecvError, TryRecvError};

use super::awaiting::Operation;
use super::mpsc::Facts;

/// A channel for one message. See [`tokio::sync::oneshot::channel`](::tokio::sync::oneshot::channel).
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let facts = Arc::new(Facts::new(Location::caller()));
    let (sender, receiver) = oneshot::channel();
    let sender = Sender {
        inner: Some(sender),
        facts: Arc::clone(&facts),
    };
    let receiver = Receiver {
        inner: receiver,
        facts,
        operation: Operation::default(),
    };
    (sender, receiver)
}

/// The watched form of [`tokio::sync::oneshot::Sender`](::tokio::sync::oneshot::Sender).
pub struct Sender<T> {
    /// There until the message is sent.
    inner: Option<oneshot::Sender<T>>,
    facts: Arc<Facts>,
}

impl<T> Sender<T> {
    /// Sends the message. See [`tokio::sync::oneshot::Sender::send`](::tokio::sync::oneshot::Sender::send).
    ///
    /// # Errors
    ///
    /// If the receiver is gone; the error is the message.
    pub fn send(mut self, t: T) -> Result<(), T> {
        self.facts.sending();
        match self.inner.take() {
            Some(sender) => sender.send(t),
            None => Err(t),
        }
    }
}

const THERE: &str = "the sender is there until it has sent";

/// What needs no watching: `is_closed`, …
impl<T> Deref for Sender<T> {
    type Target = oneshot::Sender<T>;

    fn deref(&self) -> &Self::Target {
        self.inner.as_ref().expect(THERE)
    }
}

impl<T> DerefMut for Sender<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.inner.as_mut().expect(THERE)
    }
}

impl<T> Drop for Sender<T> {
    /// Whoever sees that nothing will be sent comes after this.
    fn drop(&mut self) {
        if self.inner.is_some() {
            self.facts.sending();
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// The watched form of [`tokio::sync::oneshot::Receiver`](::tokio::sync::oneshot::Receiver).
pub struct Receiver<T> {
    inner: oneshot::Receiver<T>,
    facts: Arc<Facts>,
    operation: Operation,
}

impl<T> Receiver<T> {
    /// Takes the message if it is there. See
    /// [`tokio::sync::oneshot::Receiver::try_recv`](::tokio::sync::oneshot::Receiver::try_recv).
    ///
    /// # Errors
    ///
    /// If it is not, or never will be.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let message = self.inner.try_recv();
        self.facts.received();
        message
    }

    /// Blocks the thread until the message is there. See
    /// [`tokio::sync::oneshot::Receiver::blocking_recv`](::tokio::sync::oneshot::Receiver::blocking_recv).
    ///
    /// # Errors
    ///
    /// If it never will be.
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it.
    #[track_caller]
    pub fn blocking_recv(self) -> Result<T, RecvError> {
        let Self { inner, facts, .. } = self;
        let waiting = facts.block_for_message(Location::caller());
        let message = inner.blocking_recv();
        drop(waiting);
        facts.received();
        message
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let awaited = || this.facts.for_message(this.facts.created);
        let poll = |cx: &mut Context<'_>| Pin::new(&mut this.inner).poll(cx);
        let message = this.operation.poll(cx, awaited, poll);
        if message.is_ready() {
            this.facts.received();
        }
        message
    }
}

/// What needs no watching: `close`, `is_terminated`, …
impl<T> Deref for Receiver<T> {
    type Target = oneshot::Receiver<T>;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl<T> DerefMut for Receiver<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.inner
    }
}

impl<T: fmt::Debug> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
