//! What the explorer has to know of a channel's ends: how many messages there is room for, and who is left.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::controlled::channel::{self, Facts as Controlled};
use crate::controlled::is_on;
use crate::watched::mpsc::facts::Facts;

/// See the module.
#[derive(Debug)]
pub(super) struct Ends {
    bound: Option<usize>,
    made_in: u64,
    has_receiver: AtomicBool,
}

impl Ends {
    /// The ends of a new channel.
    pub(super) fn new(bound: Option<usize>) -> Self {
        Self {
            bound,
            made_in: if is_on() { channel::maker() } else { 0 },
            has_receiver: AtomicBool::new(true),
        }
    }
}

impl Facts {
    /// What the explorer is told.
    pub(super) fn controlled(&self) -> Controlled {
        // SeqCst, here and below: not on the hot path.
        Controlled {
            target: self.receiving.target(),
            bound: self.ends.bound,
            made_in: self.ends.made_in,
            has_senders: self.senders.load(Ordering::SeqCst) > 0,
            has_receiver: self.ends.has_receiver.load(Ordering::SeqCst),
        }
    }

    /// No sender is left.
    pub(super) fn hang_up(&self) {
        if is_on() {
            channel::hang_up(self.controlled());
        }
    }

    /// The receiver is gone.
    pub(super) fn lose_receiver(&self) {
        self.ends.has_receiver.store(false, Ordering::SeqCst);
        if is_on() {
            channel::hang_up(self.controlled());
        }
    }
}
