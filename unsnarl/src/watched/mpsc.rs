//! `std::sync::mpsc`, watched.
//!
//! The messages are the standard library's business: a watched endpoint holds its endpoint, and beside it the facts
//! that both ends share. Only a wait is announced, and whoever may end one says so right after. No wake-up is missed
//! by that: a thread counts itself as waiting before it looks at the channel for the last time, and the other end
//! reads the count after it changed the channel. Until it has, it runs, so that nobody takes the waiting one for stuck.
//!
//! **Not as in the standard library**: a blocked `recv` wakes every few milliseconds to hear whether it is part of a
//! hang. On a channel without buffer, a `try_send` in that moment finds nobody waiting.

#[cfg(feature = "explore")]
mod ends;
mod facts;
mod letter;
pub(crate) mod receiver;
pub(crate) mod sender;

use std::panic::Location;
use std::sync::Arc;
use std::sync::mpsc;

use self::facts::Facts;
use self::receiver::Receiver;
use self::sender::{Sender, SyncSender};

/// A channel with room for any number of messages. See [`std::sync::mpsc::channel`].
///
/// ```
/// use unsnarl::sync::mpsc::channel;
/// use unsnarl::thread;
///
/// let (sender, receiver) = channel();
/// thread::spawn(move || sender.send("done").unwrap());
/// assert_eq!(receiver.recv(), Ok("done"));
/// ```
#[must_use]
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let facts = Arc::new(Facts::new(Location::caller(), None));
    let (sender, receiver) = mpsc::channel();
    (
        Sender::new(sender, Arc::clone(&facts)),
        Receiver::new(receiver, facts),
    )
}

/// A channel with room for `bound` messages. See [`std::sync::mpsc::sync_channel`].
///
/// ```
/// use unsnarl::sync::mpsc::sync_channel;
///
/// let (sender, receiver) = sync_channel(1);
/// sender.send(1).unwrap();
/// assert!(sender.try_send(2).is_err());
/// assert_eq!(receiver.recv(), Ok(1));
/// ```
#[must_use]
#[track_caller]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let facts = Arc::new(Facts::new(Location::caller(), Some(bound)));
    let (sender, receiver) = mpsc::sync_channel(room(bound));
    (
        SyncSender::new(sender, Arc::clone(&facts)),
        Receiver::new(receiver, facts),
    )
}

/// How much room the standard library's channel has: under control, a message that is handed over lies there for a
/// moment, and the schedule sees to it that somebody waits for it.
fn room(bound: usize) -> usize {
    controlled! { return bound.max(1); }
    #[allow(unreachable_code, reason = "not under control")]
    bound
}
