//! What travels through a channel: the message, and what comes before it.

use std::sync::mpsc::{SendError, TrySendError};

use race::stamp::Stamp;

use crate::recorder::races::locks;

/// A message. Whoever takes it out, or drops it, comes after what its sender did before it was sent: fields are dropped in
/// their order.
#[derive(Debug)]
pub(super) struct Letter<T> {
    posted: Posted,
    message: T,
}

/// What the sender did before.
#[derive(Debug)]
struct Posted(Stamp);

impl<T> Letter<T> {
    pub(super) fn new(posted: Stamp, message: T) -> Self {
        Self {
            posted: Posted(posted),
            message,
        }
    }

    /// The message.
    pub(super) fn open(self) -> T {
        let Self { posted, message } = self;
        drop(posted);
        message
    }
}

impl Drop for Posted {
    #[inline]
    fn drop(&mut self) {
        if !self.0.is_none() {
            locks::delivered(&self.0);
        }
    }
}

/// An error with the message that was not sent.
pub(super) fn returned<T>(error: SendError<Letter<T>>) -> SendError<T> {
    SendError(error.0.open())
}

/// As [`returned`].
pub(super) fn returned_at_once<T>(error: TrySendError<Letter<T>>) -> TrySendError<T> {
    match error {
        TrySendError::Full(letter) => TrySendError::Full(letter.open()),
        TrySendError::Disconnected(letter) => TrySendError::Disconnected(letter.open()),
    }
}
