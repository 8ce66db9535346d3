//! tokio's types, watched: one file each, named like its twin.

#[macro_use]
mod doc;
#[macro_use]
mod end;
#[macro_use]
mod once;

pub(crate) mod awaiting;
pub(crate) mod barrier;
pub(crate) mod broadcast;
pub(crate) mod builder;
pub(crate) mod claim;
pub(crate) mod errand;
pub(crate) mod guard;
pub(crate) mod handle;
pub(crate) mod join_handle;
pub(crate) mod join_set;
pub(crate) mod latch;
pub(crate) mod local_set;
pub(crate) mod mpsc;
pub(crate) mod mutex;
pub(crate) mod notify;
pub(crate) mod once_cell;
pub(crate) mod oneshot;
pub(crate) mod population;
pub(crate) mod runtime;
pub(crate) mod rwlock;
pub(crate) mod semaphore;
pub(crate) mod set_once;
pub(crate) mod spawn;
pub(crate) mod timeout;
pub(crate) mod watch;
