//! Channels of a model. Loom's know no end: who receives from one whose senders are gone would wait for ever.

mod receiver;
mod sender;

use std::collections::VecDeque;
use std::sync::Arc;

pub use self::receiver::{IntoIter, Iter, Receiver, TryIter};
pub use self::sender::{Sender, SyncSender};
use super::condvar::Condvar;
use super::mutex::{Mutex, MutexGuard, held};

/// What the ends of a channel share.
struct Channel<T> {
    state: Mutex<State<T>>,
    /// There is a message, or no sender.
    has_more: Condvar,
    /// There is room, or no receiver; or a message was taken.
    has_room: Condvar,
    /// How many messages have room; as many as there are, if not said.
    bound: Option<usize>,
}

struct State<T> {
    messages: VecDeque<T>,
    senders: usize,
    has_receiver: bool,
    /// Whether somebody waits for a message.
    receiving: bool,
    /// How many messages were taken.
    taken: usize,
    /// How many were sent.
    sent: usize,
}

impl<T> State<T> {
    /// Whether there is no message, and there may be one yet.
    fn is_to_come(&self) -> bool {
        self.messages.is_empty() && self.senders > 0
    }

    /// Puts a message there. Returns whether somebody waits for it.
    fn put(&mut self, message: T) -> bool {
        self.messages.push_back(message);
        self.sent += 1;
        self.receiving
    }
}

impl<T> Channel<T> {
    fn new(bound: Option<usize>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                messages: VecDeque::new(),
                senders: 1,
                has_receiver: true,
                receiving: false,
                taken: 0,
                sent: 0,
            }),
            has_more: Condvar::new(),
            has_room: Condvar::new(),
            bound,
        })
    }

    #[track_caller]
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        held(self.state.lock())
    }

    /// Tells senders, who wait for room only where there is a bound.
    #[track_caller]
    fn tell_room(&self) {
        if self.bound.is_some() {
            self.has_room.notify_all();
        }
    }

    /// Whether a message can be put there now. One without a place of its own goes to somebody who waits for it.
    fn has_room(&self, state: &State<T>) -> bool {
        match self.bound {
            None => true,
            Some(0) => state.receiving && state.messages.is_empty(),
            Some(bound) => state.messages.len() < bound,
        }
    }
}

/// [`std::sync::mpsc::channel`] in a model.
#[must_use]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let channel = Channel::new(None);
    (Sender::new(Arc::clone(&channel)), Receiver::new(channel))
}

/// [`std::sync::mpsc::sync_channel`] in a model.
#[must_use]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let channel = Channel::new(Some(bound));
    (
        SyncSender::new(Arc::clone(&channel)),
        Receiver::new(channel),
    )
}
