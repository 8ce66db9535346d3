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
        self.inner
            .send(message)
            .inspect(|()| self.facts.meter.put())
    }
}

sending_ends!(mpsc::UnboundedSender, WeakUnboundedSender);
receiver!(UnboundedReceiver);
