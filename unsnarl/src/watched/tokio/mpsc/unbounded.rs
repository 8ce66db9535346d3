//! Channels with room for any number of messages.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::tokio::sync::mpsc;
use ::tokio::sync::mpsc::error::{SendError, TryRecvError};

use super::Facts;
use crate::watched::tokio::awaiting::{Operation, on};

/// A channel with room for any number of messages. See
/// [`tokio::sync::mpsc::unbounded_channel`](::tokio::sync::mpsc::unbounded_channel).
#[track_caller]
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let facts = Arc::new(Facts::new(Location::caller()));
    let (sender, receiver) = mpsc::unbounded_channel();
    let sender = UnboundedSender {
        inner: sender,
        facts: Arc::clone(&facts),
    };
    let receiver = UnboundedReceiver {
        inner: receiver,
        facts,
        operation: Operation::default(),
    };
    (sender, receiver)
}

/// The watched form of [`tokio::sync::mpsc::UnboundedSender`](::tokio::sync::mpsc::UnboundedSender).
pub struct UnboundedSender<T> {
    inner: mpsc::UnboundedSender<T>,
    facts: Arc<Facts>,
}

impl<T> UnboundedSender<T> {
    /// Sends a message. See [`tokio::sync::mpsc::UnboundedSender::send`](::tokio::sync::mpsc::UnboundedSender::send).
    ///
    /// # Errors
    ///
    /// If the receiver is gone; the error has the message.
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        self.facts.sending();
        self.inner.send(message)
    }

    /// A sender that does not keep the channel open. See
    /// [`tokio::sync::mpsc::UnboundedSender::downgrade`](::tokio::sync::mpsc::UnboundedSender::downgrade).
    pub fn downgrade(&self) -> WeakUnboundedSender<T> {
        WeakUnboundedSender {
            inner: self.inner.downgrade(),
            facts: Arc::clone(&self.facts),
        }
    }
}

/// What needs no watching: `is_closed`, `capacity`, `same_channel`, …
impl<T> Deref for UnboundedSender<T> {
    type Target = mpsc::UnboundedSender<T>;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            facts: Arc::clone(&self.facts),
        }
    }
}

impl<T> Drop for UnboundedSender<T> {
    /// Whoever sees that nobody sends any more comes after this.
    fn drop(&mut self) {
        self.facts.sending();
    }
}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// The watched form of [`tokio::sync::mpsc::WeakUnboundedSender`](::tokio::sync::mpsc::WeakUnboundedSender).
pub struct WeakUnboundedSender<T> {
    inner: mpsc::WeakUnboundedSender<T>,
    facts: Arc<Facts>,
}

impl<T> WeakUnboundedSender<T> {
    /// The sender, if there is one still. See
    /// [`tokio::sync::mpsc::WeakUnboundedSender::upgrade`](::tokio::sync::mpsc::WeakUnboundedSender::upgrade).
    pub fn upgrade(&self) -> Option<UnboundedSender<T>> {
        Some(UnboundedSender {
            inner: self.inner.upgrade()?,
            facts: Arc::clone(&self.facts),
        })
    }
}

/// What needs no watching.
impl<T> Deref for WeakUnboundedSender<T> {
    type Target = mpsc::WeakUnboundedSender<T>;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl<T> Clone for WeakUnboundedSender<T> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            facts: Arc::clone(&self.facts),
        }
    }
}

impl<T> fmt::Debug for WeakUnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// The watched form of [`tokio::sync::mpsc::UnboundedReceiver`](::tokio::sync::mpsc::UnboundedReceiver).
pub struct UnboundedReceiver<T> {
    inner: mpsc::UnboundedReceiver<T>,
    facts: Arc<Facts>,
    operation: Operation,
}

impl<T> UnboundedReceiver<T> {
    /// Waits for a message; `None` if there will be none. See
    /// [`tokio::sync::mpsc::UnboundedReceiver::recv`](::tokio::sync::mpsc::UnboundedReceiver::recv).
    #[track_caller]
    pub fn recv(&mut self) -> impl Future<Output = Option<T>> {
        let site = Location::caller();
        async move {
            let message = on(|| self.facts.for_message(site), self.inner.recv()).await;
            self.facts.received();
            message
        }
    }

    /// Waits for messages, and takes at most so many. See
    /// [`tokio::sync::mpsc::UnboundedReceiver::recv_many`](::tokio::sync::mpsc::UnboundedReceiver::recv_many).
    #[track_caller]
    pub fn recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> impl Future<Output = usize> {
        let site = Location::caller();
        async move {
            let receive = self.inner.recv_many(buffer, limit);
            let messages = on(|| self.facts.for_message(site), receive).await;
            self.facts.received();
            messages
        }
    }

    /// Takes a message if there is one. See
    /// [`tokio::sync::mpsc::UnboundedReceiver::try_recv`](::tokio::sync::mpsc::UnboundedReceiver::try_recv).
    ///
    /// # Errors
    ///
    /// If there is none, or there will be none.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let message = self.inner.try_recv();
        self.facts.received();
        message
    }

    /// Blocks the thread until there is a message. See
    /// [`tokio::sync::mpsc::UnboundedReceiver::blocking_recv`](::tokio::sync::mpsc::UnboundedReceiver::blocking_recv).
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it.
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Option<T> {
        let waiting = self.facts.block_for_message(Location::caller());
        let message = self.inner.blocking_recv();
        drop(waiting);
        self.facts.received();
        message
    }

    /// Polls for a message. See
    /// [`tokio::sync::mpsc::UnboundedReceiver::poll_recv`](::tokio::sync::mpsc::UnboundedReceiver::poll_recv).
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let awaited = || self.facts.for_message(self.facts.created);
        let poll = |cx: &mut Context<'_>| self.inner.poll_recv(cx);
        let message = self.operation.poll(cx, awaited, poll);
        if message.is_ready() {
            self.facts.received();
        }
        message
    }
}

/// What needs no watching: `close`, `len`, `is_closed`, …
impl<T> Deref for UnboundedReceiver<T> {
    type Target = mpsc::UnboundedReceiver<T>;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl<T> DerefMut for UnboundedReceiver<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.inner
    }
}

impl<T> Drop for UnboundedReceiver<T> {
    /// Whoever sees that nobody receives comes after this.
    fn drop(&mut self) {
        self.facts.received();
    }
}

impl<T> fmt::Debug for UnboundedReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
