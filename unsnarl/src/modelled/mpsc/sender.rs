//! The sending ends of a channel.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{SendError, TrySendError};

use super::{Channel, held};
use crate::modelled::panics::is_given_up;

/// [`std::sync::mpsc::Sender`] in a model.
pub struct Sender<T>(SyncSender<T>);

/// [`std::sync::mpsc::SyncSender`] in a model.
pub struct SyncSender<T>(Arc<Channel<T>>);

impl<T> Sender<T> {
    pub(super) fn new(channel: Arc<Channel<T>>) -> Self {
        Self(SyncSender(channel))
    }

    /// Sends a message.
    ///
    /// # Errors
    ///
    /// With the message, if the receiver is gone.
    #[track_caller]
    pub fn send(&self, t: T) -> Result<(), SendError<T>> {
        self.0.send(t)
    }
}

impl<T> SyncSender<T> {
    pub(super) fn new(channel: Arc<Channel<T>>) -> Self {
        Self(channel)
    }

    /// Sends a message, when there is room.
    ///
    /// # Errors
    ///
    /// With the message, if the receiver is gone.
    #[track_caller]
    pub fn send(&self, t: T) -> Result<(), SendError<T>> {
        let channel = &self.0;
        let state = channel.has_room.wait_while(channel.lock(), |state| {
            state.has_receiver && !channel.has_room(state)
        });
        let mut state = held(state);
        if !state.has_receiver {
            return Err(SendError(t));
        }
        if state.put(t) {
            channel.has_more.notify_one();
        }
        let number = state.sent;
        if channel.bound == Some(0) {
            let taken = channel
                .has_room
                .wait_while(state, |state| state.has_receiver && state.taken < number);
            let mut state = held(taken);
            if state.taken < number {
                let left = state.messages.pop_back();
                return Err(SendError(left.expect("nobody has taken it")));
            }
        }
        Ok(())
    }

    /// Sends a message, if there is room.
    ///
    /// # Errors
    ///
    /// With the message, if there is none, or the receiver is gone.
    #[track_caller]
    pub fn try_send(&self, t: T) -> Result<(), TrySendError<T>> {
        let mut state = self.0.lock();
        if !state.has_receiver {
            return Err(TrySendError::Disconnected(t));
        }
        if !self.0.has_room(&state) {
            return Err(TrySendError::Full(t));
        }
        if state.put(t) {
            self.0.has_more.notify_one();
        }
        Ok(())
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Clone for SyncSender<T> {
    fn clone(&self) -> Self {
        self.0.lock().senders += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for SyncSender<T> {
    fn drop(&mut self) {
        if is_given_up() {
            return;
        }
        let mut state = self.0.lock();
        state.senders -= 1;
        if state.senders == 0 && state.receiving {
            self.0.has_more.notify_one();
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for SyncSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncSender").finish_non_exhaustive()
    }
}
