//! Channels with room for so many messages.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use ::tokio::sync::mpsc;
use ::tokio::sync::mpsc::error::{SendError, SendTimeoutError, TryRecvError, TrySendError};

use super::Facts;
use super::permit::{OwnedPermit, Permit, PermitIterator};
use crate::watched::tokio::awaiting::{Operation, on};

/// A channel with room for so many messages. See [`tokio::sync::mpsc::channel`](::tokio::sync::mpsc::channel).
///
/// # Panics
///
/// If `buffer` is 0.
#[track_caller]
pub fn channel<T>(buffer: usize) -> (Sender<T>, Receiver<T>) {
    let facts = Arc::new(Facts::with_room(Location::caller(), Some(buffer)));
    let (sender, receiver) = mpsc::channel(buffer);
    let sender = Sender {
        inner: sender,
        facts: Arc::clone(&facts),
    };
    let receiver = Receiver {
        inner: receiver,
        facts,
        operation: Operation::default(),
    };
    (sender, receiver)
}

/// The watched form of [`tokio::sync::mpsc::Sender`](::tokio::sync::mpsc::Sender).
pub struct Sender<T> {
    inner: mpsc::Sender<T>,
    facts: Arc<Facts>,
}

impl<T> Sender<T> {
    pub(super) fn new(inner: mpsc::Sender<T>, facts: Arc<Facts>) -> Self {
        Self { inner, facts }
    }

    /// Waits for room, and sends a message. See [`tokio::sync::mpsc::Sender::send`](::tokio::sync::mpsc::Sender::send).
    ///
    /// # Errors
    ///
    /// If the receiver is gone; the error has the message.
    #[track_caller]
    pub fn send(&self, value: T) -> impl Future<Output = Result<(), SendError<T>>> {
        let site = Location::caller();
        async move {
            match self.room(site).await {
                Ok(permit) => {
                    permit.send(value);
                    Ok(())
                }
                Err(SendError(())) => Err(SendError(value)),
            }
        }
    }

    async fn room(&self, site: model::site::Caller) -> Result<Permit<'_, T>, SendError<()>> {
        let permit = on(|| self.facts.for_room(site), self.inner.reserve()).await?;
        self.facts.sent();
        Ok(Permit::new(permit, &self.facts))
    }

    /// Sends a message if there is room. See [`tokio::sync::mpsc::Sender::try_send`](::tokio::sync::mpsc::Sender::try_send).
    ///
    /// # Errors
    ///
    /// If there is none, or the receiver is gone; the error has the message.
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        self.facts.sending();
        let result = self.inner.try_send(message);
        self.facts.sent_if(result.is_ok());
        result
    }

    /// Waits for room, but not longer than so. See
    /// [`tokio::sync::mpsc::Sender::send_timeout`](::tokio::sync::mpsc::Sender::send_timeout).
    ///
    /// # Errors
    ///
    /// If there is none by then, or the receiver is gone; the error has the message.
    pub async fn send_timeout(
        &self,
        value: T,
        timeout: Duration,
    ) -> Result<(), SendTimeoutError<T>> {
        self.facts.sending();
        let result = self.inner.send_timeout(value, timeout).await;
        self.facts.sent_if(result.is_ok());
        result
    }

    /// Blocks the thread until there is room. See
    /// [`tokio::sync::mpsc::Sender::blocking_send`](::tokio::sync::mpsc::Sender::blocking_send).
    ///
    /// # Errors
    ///
    /// If the receiver is gone; the error has the message.
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it.
    #[track_caller]
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        self.facts.sending();
        let result = self.inner.blocking_send(value);
        self.facts.sent_if(result.is_ok());
        result
    }

    /// Waits for room for a message that is sent later. See
    /// [`tokio::sync::mpsc::Sender::reserve`](::tokio::sync::mpsc::Sender::reserve).
    ///
    /// # Errors
    ///
    /// If the receiver is gone.
    #[track_caller]
    pub fn reserve(&self) -> impl Future<Output = Result<Permit<'_, T>, SendError<()>>> {
        self.room(Location::caller())
    }

    /// Waits for room for so many messages. See
    /// [`tokio::sync::mpsc::Sender::reserve_many`](::tokio::sync::mpsc::Sender::reserve_many).
    ///
    /// # Errors
    ///
    /// If the receiver is gone, or there can never be as much.
    #[track_caller]
    pub fn reserve_many(
        &self,
        n: usize,
    ) -> impl Future<Output = Result<PermitIterator<'_, T>, SendError<()>>> {
        let site = Location::caller();
        async move {
            let permits = on(|| self.facts.for_room(site), self.inner.reserve_many(n)).await?;
            self.facts.sent();
            Ok(PermitIterator::new(permits, &self.facts))
        }
    }

    /// Waits for room, with a permit that owns the sender. See
    /// [`tokio::sync::mpsc::Sender::reserve_owned`](::tokio::sync::mpsc::Sender::reserve_owned).
    ///
    /// # Errors
    ///
    /// If the receiver is gone.
    #[track_caller]
    pub fn reserve_owned(self) -> impl Future<Output = Result<OwnedPermit<T>, SendError<()>>> {
        let site = Location::caller();
        async move {
            let reserve = self.inner.clone().reserve_owned();
            let permit = on(|| self.facts.for_room(site), reserve).await?;
            self.facts.sent();
            Ok(OwnedPermit::new(permit, Arc::clone(&self.facts)))
        }
    }

    /// Room for a message, if there is any. See
    /// [`tokio::sync::mpsc::Sender::try_reserve`](::tokio::sync::mpsc::Sender::try_reserve).
    ///
    /// # Errors
    ///
    /// If there is none, or the receiver is gone.
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        let permit = self.inner.try_reserve()?;
        self.facts.sent();
        Ok(Permit::new(permit, &self.facts))
    }

    /// Room for so many messages, if there is as much. See
    /// [`tokio::sync::mpsc::Sender::try_reserve_many`](::tokio::sync::mpsc::Sender::try_reserve_many).
    ///
    /// # Errors
    ///
    /// If there is less, or the receiver is gone.
    pub fn try_reserve_many(&self, n: usize) -> Result<PermitIterator<'_, T>, TrySendError<()>> {
        let permits = self.inner.try_reserve_many(n)?;
        self.facts.sent();
        Ok(PermitIterator::new(permits, &self.facts))
    }

    /// As [`try_reserve`](Self::try_reserve), with a permit that owns the sender. See
    /// [`tokio::sync::mpsc::Sender::try_reserve_owned`](::tokio::sync::mpsc::Sender::try_reserve_owned).
    ///
    /// # Errors
    ///
    /// If there is none, or the receiver is gone; the error has the sender.
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, TrySendError<Self>> {
        match self.inner.clone().try_reserve_owned() {
            Ok(permit) => {
                self.facts.sent();
                Ok(OwnedPermit::new(permit, Arc::clone(&self.facts)))
            }
            Err(TrySendError::Full(_)) => Err(TrySendError::Full(self)),
            Err(TrySendError::Closed(_)) => Err(TrySendError::Closed(self)),
        }
    }
}

sending_ends!(mpsc::Sender, WeakSender);
receiver!(Receiver);
