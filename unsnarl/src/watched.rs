//! The watched twins of the standard library's types: one file each, named like its twin.

pub(crate) mod atomic;
pub(crate) mod barrier;
pub(crate) mod builder;
pub(crate) mod cell;
pub(crate) mod condvar;
pub(crate) mod contended;
pub(crate) mod gate;
#[cfg(feature = "explore")]
pub(crate) mod instant;
pub(crate) mod lazy_lock;
pub(crate) mod life;
#[cfg(feature = "explore")]
pub(crate) mod local;
pub(crate) mod mpsc;
pub(crate) mod mutex;
pub(crate) mod once;
pub(crate) mod once_lock;
#[cfg(feature = "explore")]
pub(crate) mod pause;
pub(crate) mod room;
pub(crate) mod rwlock;
pub(crate) mod scope;
pub(crate) mod spin;
pub(crate) mod tag;
pub(crate) mod thread;
