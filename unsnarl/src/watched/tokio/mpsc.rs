//! `tokio::sync::mpsc`, watched. The messages are tokio's business, as with the standard library's channels.

#[macro_use]
mod receiver;

pub(crate) mod bounded;
mod facts;
pub(crate) mod permit;
pub(crate) mod unbounded;

pub(super) use self::facts::Facts;
