//! Room in a channel that is kept for a message.

use std::fmt;
use std::iter::FusedIterator;
use std::sync::Arc;

use ::tokio::sync::mpsc;

use super::Facts;
use super::bounded::Sender;

/// The watched form of [`tokio::sync::mpsc::Permit`](::tokio::sync::mpsc::Permit).
pub struct Permit<'a, T> {
    inner: mpsc::Permit<'a, T>,
    facts: &'a Facts,
}

impl<'a, T> Permit<'a, T> {
    pub(super) fn new(inner: mpsc::Permit<'a, T>, facts: &'a Facts) -> Self {
        Self { inner, facts }
    }

    /// Sends the message. See [`tokio::sync::mpsc::Permit::send`](::tokio::sync::mpsc::Permit::send).
    pub fn send(self, value: T) {
        self.facts.sending();
        self.inner.send(value);
        self.facts.meter.put();
    }
}

impl<T> fmt::Debug for Permit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// The watched form of [`tokio::sync::mpsc::PermitIterator`](::tokio::sync::mpsc::PermitIterator).
pub struct PermitIterator<'a, T> {
    inner: mpsc::PermitIterator<'a, T>,
    facts: &'a Facts,
}

impl<'a, T> PermitIterator<'a, T> {
    pub(super) fn new(inner: mpsc::PermitIterator<'a, T>, facts: &'a Facts) -> Self {
        Self { inner, facts }
    }
}

impl<'a, T> Iterator for PermitIterator<'a, T> {
    type Item = Permit<'a, T>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(Permit::new(self.inner.next()?, self.facts))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<T> ExactSizeIterator for PermitIterator<'_, T> {}
impl<T> FusedIterator for PermitIterator<'_, T> {}

impl<T> fmt::Debug for PermitIterator<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// The watched form of [`tokio::sync::mpsc::OwnedPermit`](::tokio::sync::mpsc::OwnedPermit).
pub struct OwnedPermit<T> {
    inner: mpsc::OwnedPermit<T>,
    facts: Arc<Facts>,
}

impl<T> OwnedPermit<T> {
    pub(super) fn new(inner: mpsc::OwnedPermit<T>, facts: Arc<Facts>) -> Self {
        Self { inner, facts }
    }

    /// Sends the message, and returns the sender. See
    /// [`tokio::sync::mpsc::OwnedPermit::send`](::tokio::sync::mpsc::OwnedPermit::send).
    pub fn send(self, value: T) -> Sender<T> {
        self.facts.sending();
        let inner = self.inner.send(value);
        self.facts.meter.put();
        Sender::new(inner, self.facts)
    }

    /// Gives the room up, and returns the sender. See
    /// [`tokio::sync::mpsc::OwnedPermit::release`](::tokio::sync::mpsc::OwnedPermit::release).
    pub fn release(self) -> Sender<T> {
        Sender::new(self.inner.release(), self.facts)
    }

    /// Whether both are of one channel. See
    /// [`tokio::sync::mpsc::OwnedPermit::same_channel`](::tokio::sync::mpsc::OwnedPermit::same_channel).
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// Whether both are of one channel. See
    /// [`tokio::sync::mpsc::OwnedPermit::same_channel_as_sender`](::tokio::sync::mpsc::OwnedPermit::same_channel_as_sender).
    pub fn same_channel_as_sender(&self, sender: &Sender<T>) -> bool {
        self.inner.same_channel_as_sender(sender)
    }
}

impl<T> fmt::Debug for OwnedPermit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
