//! The sending ends.

use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::sync::mpsc::{self, SendError, TrySendError};

#[cfg(feature = "explore")]
use explore::op::Outcome;
use lockgraph::wait::need::{Deed, Need};
use model::site::Caller;
use stress::point::Deed as Act;

use super::facts::{Facts, SenderFacts};
use super::letter::{Letter, returned, returned_at_once};
#[cfg(feature = "explore")]
use crate::controlled::channel;
use crate::recorder::waits;
use crate::watched::spin::spin;

/// The watched form of [`std::sync::mpsc::Sender`].
pub struct Sender<T> {
    inner: mpsc::Sender<Letter<T>>,
    facts: SenderFacts,
}

/// The watched form of [`std::sync::mpsc::SyncSender`].
pub struct SyncSender<T> {
    inner: mpsc::SyncSender<Letter<T>>,
    facts: SenderFacts,
}

impl<T> Sender<T> {
    pub(super) fn new(inner: mpsc::Sender<Letter<T>>, facts: Arc<Facts>) -> Self {
        Self {
            inner,
            facts: SenderFacts(facts),
        }
    }

    /// Sends a message, without waiting. See [`std::sync::mpsc::Sender::send`].
    ///
    /// # Errors
    ///
    /// If the receiver is gone; the error has the message.
    #[inline]
    #[track_caller]
    pub fn send(&self, t: T) -> Result<(), SendError<T>> {
        controlled! {
            channel::send(self.facts.0.controlled(), Location::caller());
            let letter = self.facts.0.receiving.post(t);
            return self.inner.send(letter).map_err(returned);
        }
        self.facts.0.receiving.disturb(Act::Give);
        let letter = self.facts.0.receiving.post(t);
        let sent = self.inner.send(letter).map_err(returned);
        self.facts.0.sent(sent.is_ok());
        self.facts.0.receiving.wake_one();
        sent
    }
}

impl<T> SyncSender<T> {
    pub(super) fn new(inner: mpsc::SyncSender<Letter<T>>, facts: Arc<Facts>) -> Self {
        Self {
            inner,
            facts: SenderFacts(facts),
        }
    }

    /// Waits for room, and sends a message. See [`std::sync::mpsc::SyncSender::send`].
    ///
    /// # Errors
    ///
    /// If the receiver is gone; the error has the message.
    ///
    /// # Panics
    ///
    /// If the thread would wait for ever.
    #[inline]
    #[track_caller]
    pub fn send(&self, t: T) -> Result<(), SendError<T>> {
        controlled! { return self.send_under_control(t, Location::caller()); }
        self.facts.0.receiving.disturb(Act::Give);
        let letter = self.facts.0.receiving.post(t);
        let sent = match self.inner.try_send(letter) {
            Ok(()) => Ok(()),
            Err(TrySendError::Disconnected(letter)) => Err(SendError(letter.open())),
            Err(TrySendError::Full(letter)) => {
                let sent = self.send_when_there_is_room(letter, Location::caller());
                sent.map_err(returned)
            }
        };
        self.facts.0.sent(sent.is_ok());
        self.facts.0.receiving.wake_one();
        sent
    }

    /// Sends when the schedule says so.
    #[cfg(feature = "explore")]
    fn send_under_control(&self, message: T, site: Caller) -> Result<(), SendError<T>> {
        channel::send(self.facts.0.controlled(), site);
        let letter = self.facts.0.receiving.post(message);
        self.facts.0.sending.take();
        match self.inner.try_send(letter) {
            Ok(()) => Ok(()),
            Err(TrySendError::Disconnected(lost)) => Err(SendError(lost.open())),
            Err(TrySendError::Full(_)) => channel::cannot_hand_over(),
        }
    }

    #[cold]
    #[track_caller]
    fn send_when_there_is_room(
        &self,
        message: Letter<T>,
        site: Caller,
    ) -> Result<(), SendError<Letter<T>>> {
        let message = Cell::new(Some(message));
        let attempt = || match self.inner.try_send(message.take()?) {
            Ok(()) => Some(Ok(())),
            Err(TrySendError::Disconnected(lost)) => Some(Err(SendError(lost))),
            Err(TrySendError::Full(kept)) => {
                message.set(Some(kept));
                None
            }
        };
        if let Some(sent) = spin(attempt) {
            return sent;
        }
        let _waiter = self.facts.0.sending.waiter();
        waits::block(
            self.facts.0.sending.target(),
            Need::Anyone(Deed::Receive),
            site,
            attempt,
            || {
                let message = message.take();
                self.inner
                    .send(message.expect("an attempt that fails keeps the message"))
            },
        )
    }

    /// Sends a message if there is room. See [`std::sync::mpsc::SyncSender::try_send`].
    ///
    /// # Errors
    ///
    /// If there is no room, or the receiver is gone; the error has the message.
    #[inline]
    #[track_caller]
    pub fn try_send(&self, t: T) -> Result<(), TrySendError<T>> {
        controlled! {
            if channel::try_send(self.facts.0.controlled(), Location::caller()) == Outcome::Failed {
                return Err(TrySendError::Full(t));
            }
            let letter = self.facts.0.receiving.post(t);
            self.facts.0.sending.take();
            return self.inner.try_send(letter).map_err(returned_at_once);
        }
        self.facts.0.receiving.disturb(Act::Give);
        let letter = self.facts.0.receiving.post(t);
        let sent = self.inner.try_send(letter).map_err(returned_at_once);
        self.facts.0.sent(sent.is_ok());
        self.facts.0.receiving.wake_one();
        sent
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            facts: self.facts.clone(),
        }
    }
}

impl<T> Clone for SyncSender<T> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            facts: self.facts.clone(),
        }
    }
}

impl<T> Drop for Sender<T> {
    /// Whoever sees that all senders are gone comes after what they did.
    #[inline]
    fn drop(&mut self) {
        self.facts.0.receiving.give();
    }
}

impl<T> Drop for SyncSender<T> {
    /// As for [`Sender`].
    #[inline]
    fn drop(&mut self) {
        self.facts.0.receiving.give();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> fmt::Debug for SyncSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
