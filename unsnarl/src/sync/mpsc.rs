//! `std::sync::mpsc`, watched when the feature `check` is on.

pub use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};

#[cfg(feature = "observe")]
pub use crate::watched::mpsc::{
    channel,
    receiver::{IntoIter, Iter, Receiver, TryIter},
    sender::{Sender, SyncSender},
    sync_channel,
};
#[cfg(not(feature = "observe"))]
pub use std::sync::mpsc::{
    IntoIter, Iter, Receiver, Sender, SyncSender, TryIter, channel, sync_channel,
};
