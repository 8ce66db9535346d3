//! `std::sync::mpsc`, with the watched twins in it.

#[doc(no_inline)]
pub use std::sync::mpsc::*;

#[doc(no_inline)]
pub use unsnarl::sync::mpsc::{
    IntoIter, Iter, Receiver, Sender, SyncSender, TryIter, channel, sync_channel,
};
