//! How full a channel is, and whether its ends are there.

use crate::op::Outcome;

/// A channel.
#[derive(Clone, Debug)]
pub struct Channel {
    messages: usize,
    bound: Option<usize>,
    /// Whether it may hold messages that nobody counted, because it was used outside the execution.
    is_uncounted: bool,
    has_sender: bool,
    has_receiver: bool,
}

impl Channel {
    /// A channel for so many messages at once, `None` for any number; `is_uncounted` if it may hold messages already.
    #[must_use]
    pub fn new(bound: Option<usize>, is_uncounted: bool) -> Self {
        Self {
            messages: 0,
            bound,
            is_uncounted,
            has_sender: true,
            has_receiver: true,
        }
    }

    /// The last sender is gone.
    pub fn lose_senders(&mut self) {
        self.has_sender = false;
    }

    /// The receiver is gone.
    pub fn lose_receiver(&mut self) {
        self.has_receiver = false;
    }

    /// A receiver was let go on, but found nothing: now it is known what is in the channel.
    pub fn drained(&mut self) {
        self.is_uncounted = false;
        self.messages = 0;
    }

    pub(super) fn has_room(&self, is_awaited: bool) -> bool {
        !self.has_receiver
            || self.bound.is_none_or(|bound| match bound {
                0 => is_awaited && self.messages == 0,
                bound => self.messages < bound,
            })
    }

    pub(super) fn has_news(&self) -> bool {
        self.messages > 0 || !self.has_sender || self.is_uncounted
    }

    pub(super) fn send(&mut self, is_awaited: bool) -> Outcome {
        if !self.has_receiver {
            return Outcome::Disconnected;
        }
        if !self.has_room(is_awaited) {
            return Outcome::Failed;
        }
        self.messages += 1;
        Outcome::Done
    }

    /// `otherwise` is what became of it if there is no message.
    pub(super) fn receive(&mut self, otherwise: Outcome) -> Outcome {
        if self.messages > 0 {
            self.messages -= 1;
            Outcome::Done
        } else if self.is_uncounted {
            Outcome::Done
        } else if self.has_sender {
            otherwise
        } else {
            Outcome::Disconnected
        }
    }
}
