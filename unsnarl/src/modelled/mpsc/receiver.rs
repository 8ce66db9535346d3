//! The receiving end of a channel.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{RecvError, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use super::{Channel, MutexGuard, State, held};
use crate::modelled::panics::is_given_up;

/// [`std::sync::mpsc::Receiver`] in a model.
pub struct Receiver<T>(Arc<Channel<T>>);

/// [`std::sync::mpsc::Iter`] in a model.
#[derive(Debug)]
pub struct Iter<'a, T>(&'a Receiver<T>);

/// [`std::sync::mpsc::TryIter`] in a model.
#[derive(Debug)]
pub struct TryIter<'a, T>(&'a Receiver<T>);

/// [`std::sync::mpsc::IntoIter`] in a model.
#[derive(Debug)]
pub struct IntoIter<T>(Receiver<T>);

impl<T> Receiver<T> {
    pub(super) fn new(channel: Arc<Channel<T>>) -> Self {
        Self(channel)
    }

    /// Waits for a message.
    ///
    /// # Errors
    ///
    /// If there is none, and all senders are gone.
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        let mut state = self.begin();
        if state.receiving {
            let has_more = &self.0.has_more;
            state = held(has_more.wait_while(state, |state| state.is_to_come()));
        }
        self.end(&mut state).ok_or(RecvError)
    }

    /// A message, if there is one.
    ///
    /// # Errors
    ///
    /// If there is none.
    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let mut state = self.0.lock();
        let senders = state.senders;
        self.take(&mut state).ok_or(match senders {
            0 => TryRecvError::Disconnected,
            _ => TryRecvError::Empty,
        })
    }

    /// Lets others go on if there is no message; then the time is over.
    ///
    /// # Errors
    ///
    /// If there is none then.
    #[track_caller]
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        let mut state = self.begin();
        if state.receiving {
            let has_more = &self.0.has_more;
            let waited = has_more.wait_timeout_while(state, timeout, |state| state.is_to_come());
            state = held(waited).0;
        }
        let senders = state.senders;
        self.end(&mut state).ok_or(match senders {
            0 => RecvTimeoutError::Disconnected,
            _ => RecvTimeoutError::Timeout,
        })
    }

    /// Begins to receive: senders are told if there is a wait.
    #[track_caller]
    fn begin(&self) -> MutexGuard<'_, State<T>> {
        let mut state = self.0.lock();
        state.receiving = state.is_to_come();
        if state.receiving {
            self.0.tell_room();
        }
        state
    }

    /// Receives what has come, if anything has.
    #[track_caller]
    fn end(&self, state: &mut State<T>) -> Option<T> {
        state.receiving = false;
        self.take(state)
    }

    #[track_caller]
    fn take(&self, state: &mut State<T>) -> Option<T> {
        let message = state.messages.pop_front()?;
        state.taken += 1;
        self.0.tell_room();
        Some(message)
    }

    /// The messages, until all senders are gone.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self)
    }

    /// The messages that are there.
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter(self)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        if is_given_up() {
            return;
        }
        let mut state = self.0.lock();
        state.has_receiver = false;
        // Who waits to hand one over gets it back.
        let keeps = self.0.bound == Some(0);
        let left = (!keeps).then(|| std::mem::take(&mut state.messages));
        drop(state);
        self.0.tell_room();
        drop(left);
    }
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.try_recv().ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self)
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
