//! Tests of `super::tokio`, whichever that is.

use super::tokio;

mod barrier;
mod broadcast;
mod joins;
mod locks;
mod mpsc;
mod names;
mod notify;
mod once;
mod oneshot;
mod programs;
mod runtimes;
mod semaphore;
mod watch;

/// `Send` and `Sync`, as tokio's are.
fn is_send_and_sync<T: Send + Sync>(_: &T) {}
