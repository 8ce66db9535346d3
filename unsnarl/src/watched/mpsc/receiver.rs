//! The receiving end, and its iterators.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvError, RecvTimeoutError, TryRecvError};
use std::time::Duration;

#[cfg(feature = "explore")]
use explore::op::Outcome;
use lockgraph::wait::need::{Deed, Need};
use model::kind::Kind;
use model::profile::Why;
use model::site::Caller;
use stress::point::Deed as Act;

use super::facts::{Facts, ReceiverFacts};
use super::letter::Letter;
#[cfg(feature = "explore")]
use crate::controlled::channel;
use crate::recorder::noise;
use crate::recorder::profile;
use crate::recorder::seats::Poke;
use crate::recorder::waits;
use crate::watched::spin::spin;

/// The watched form of [`std::sync::mpsc::Receiver`].
pub struct Receiver<T> {
    inner: mpsc::Receiver<Letter<T>>,
    facts: ReceiverFacts,
}

/// The watched form of [`std::sync::mpsc::Iter`].
pub struct Iter<'a, T> {
    rx: &'a Receiver<T>,
    /// Where it was made: its waits are called from inside the standard library, if adapters stand between.
    site: Caller,
}

/// The watched form of [`std::sync::mpsc::TryIter`].
#[derive(Debug)]
pub struct TryIter<'a, T> {
    rx: &'a Receiver<T>,
}

/// The watched form of [`std::sync::mpsc::IntoIter`].
pub struct IntoIter<T> {
    rx: Receiver<T>,
    /// See [`Iter`].
    site: Caller,
}

/// How long a waiting receiver sleeps before it looks whether it was told of a hang.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

impl<T> Receiver<T> {
    pub(super) fn new(inner: mpsc::Receiver<Letter<T>>, facts: Arc<Facts>) -> Self {
        Self {
            inner,
            facts: ReceiverFacts(facts),
        }
    }

    /// Takes a message if there is one. See [`std::sync::mpsc::Receiver::try_recv`].
    ///
    /// # Errors
    ///
    /// If there is none yet, or none will come.
    #[inline]
    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        controlled! { return self.try_recv_under_control(Location::caller()); }
        self.facts.0.receiving.disturb(Act::Take);
        self.facts.0.sending.give();
        let received = self.inner.try_recv();
        let received = match received {
            Ok(letter) => Ok(self.facts.0.open(letter)),
            Err(error) => Err(self.at_end(error, TryRecvError::Disconnected)),
        };
        self.facts.0.sending.wake_one();
        received
    }

    /// Waits for a message. See [`std::sync::mpsc::Receiver::recv`].
    ///
    /// # Errors
    ///
    /// If all senders are gone and there is no message left.
    ///
    /// # Panics
    ///
    /// If the thread would wait for ever.
    #[inline]
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        self.recv_at(Location::caller())
    }

    #[inline]
    #[track_caller]
    fn recv_at(&self, site: Caller) -> Result<T, RecvError> {
        controlled! { return self.recv_under_control(None, site).map_err(|_| RecvError); }
        self.facts.0.receiving.disturb(Act::Take);
        self.facts.0.sending.give();
        let received = match self.attempt() {
            Some(received) => received,
            None => self.recv_when_there_is_one(site),
        };
        let received = match received {
            Ok(letter) => Ok(self.facts.0.open(letter)),
            Err(error) => Err(self.at_end(error, RecvError)),
        };
        self.facts.0.sending.wake_one();
        received
    }

    /// Whoever hears that all senders are gone comes after what they did.
    #[inline]
    fn at_end<E: PartialEq>(&self, error: E, end: E) -> E {
        if error == end {
            self.facts.0.receiving.take();
        }
        error
    }

    /// Receives when the schedule says so.
    #[cfg(feature = "explore")]
    fn recv_under_control(
        &self,
        timeout: Option<Duration>,
        site: Caller,
    ) -> Result<T, RecvTimeoutError> {
        let facts = &self.facts.0;
        facts.sending.give();
        loop {
            let outcome = channel::receive(facts.controlled(), timeout, site);
            match self.inner.try_recv() {
                _ if outcome == Outcome::TimedOut => return Err(RecvTimeoutError::Timeout),
                Ok(letter) => return Ok(facts.open(letter)),
                Err(TryRecvError::Disconnected) => {
                    facts.receiving.take();
                    return Err(RecvTimeoutError::Disconnected);
                }
                Err(TryRecvError::Empty) => channel::drained(facts.controlled()),
            }
        }
    }

    /// Receives if there is a message when the schedule says so.
    #[cfg(feature = "explore")]
    fn try_recv_under_control(&self, site: Caller) -> Result<T, TryRecvError> {
        let facts = &self.facts.0;
        if channel::try_receive(facts.controlled(), site) == Outcome::Failed {
            return Err(TryRecvError::Empty);
        }
        facts.sending.give();
        match self.inner.try_recv() {
            Ok(letter) => Ok(facts.open(letter)),
            Err(error) => {
                if error == TryRecvError::Empty {
                    channel::drained(facts.controlled());
                }
                Err(self.at_end(error, TryRecvError::Disconnected))
            }
        }
    }

    #[inline]
    fn attempt(&self) -> Option<Result<Letter<T>, RecvError>> {
        match self.inner.try_recv() {
            Ok(message) => Some(Ok(message)),
            Err(TryRecvError::Disconnected) => Some(Err(RecvError)),
            Err(TryRecvError::Empty) => None,
        }
    }

    #[cold]
    #[track_caller]
    fn recv_when_there_is_one(&self, site: Caller) -> Result<Letter<T>, RecvError> {
        if let Some(received) = spin(|| self.attempt()) {
            return received;
        }
        let receiving = &self.facts.0.receiving;
        let _waiter = receiving.waiter();
        let mut waiting = waits::wait(
            receiving.target(),
            Need::Anyone(Deed::Send),
            site,
            Poke::Looks,
        );
        loop {
            // A message counts for more than word of a hang: it must not be lost.
            match self.inner.recv_timeout(BETWEEN_LOOKS) {
                Ok(message) => return Ok(message),
                Err(RecvTimeoutError::Disconnected) => return Err(RecvError),
                Err(RecvTimeoutError::Timeout) => waiting.heed(),
            }
        }
    }

    /// Waits for a message, at most for `timeout`. See [`std::sync::mpsc::Receiver::recv_timeout`].
    ///
    /// # Errors
    ///
    /// If none came in time, or all senders are gone and there is no message left.
    #[track_caller]
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        controlled! { return self.recv_under_control(Some(timeout), Location::caller()); }
        self.facts.0.receiving.disturb(Act::Take);
        self.facts.0.sending.give();
        let blocked = profile::blocked(Location::caller(), Why::Message, Kind::Channel);
        let received = self.inner.recv_timeout(noise::shortened(timeout));
        drop(blocked);
        let received = match received {
            Ok(letter) => Ok(self.facts.0.open(letter)),
            Err(error) => Err(self.at_end(error, RecvTimeoutError::Disconnected)),
        };
        self.facts.0.sending.wake_one();
        received
    }

    /// The messages as they come, until all senders are gone. See [`std::sync::mpsc::Receiver::iter`].
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter {
            rx: self,
            site: Location::caller(),
        }
    }

    /// The messages that are there. See [`std::sync::mpsc::Receiver::try_iter`].
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter { rx: self }
    }
}

impl<T> Drop for Receiver<T> {
    /// A sender that sees that the receiver is gone comes after what it did.
    #[inline]
    fn drop(&mut self) {
        self.facts.0.sending.give();
    }
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.rx.recv_at(self.site).ok()
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.rx.try_recv().ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.rx.recv_at(self.site).ok()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    #[track_caller]
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    #[track_caller]
    fn into_iter(self) -> IntoIter<T> {
        IntoIter {
            rx: self,
            site: Location::caller(),
        }
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: fmt::Debug> fmt::Debug for Iter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("rx", &self.rx).finish()
    }
}

impl<T: fmt::Debug> fmt::Debug for IntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").field("rx", &self.rx).finish()
    }
}
