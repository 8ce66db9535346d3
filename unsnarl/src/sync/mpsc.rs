//! `std::sync::mpsc`, watched when the feature `check` is on, and made of loom's locks with the feature `loom`.

pub use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};

#[cfg(all(feature = "loom", not(feature = "observe")))]
pub use crate::modelled::mpsc::{
    IntoIter, Iter, Receiver, Sender, SyncSender, TryIter, channel, sync_channel,
};
#[cfg(feature = "observe")]
pub use crate::watched::mpsc::{
    channel,
    receiver::{IntoIter, Iter, Receiver, TryIter},
    sender::{Sender, SyncSender},
    sync_channel,
};
#[cfg(not(any(feature = "observe", feature = "loom")))]
pub use std::sync::mpsc::{
    IntoIter, Iter, Receiver, Sender, SyncSender, TryIter, channel, sync_channel,
};
