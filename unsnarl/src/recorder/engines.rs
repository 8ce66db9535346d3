//! The lock-order graph of the process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use lockgraph::order::{Acquisition, Found, Order};
use model::id::LockId;

use super::backtraces;
use super::seats::seats;

static ORDER: LazyLock<Mutex<Order>> = LazyLock::new(Mutex::default);

/// Runs `f` on the lock-order graph. Must be called inside the recorder.
pub(super) fn order<R>(f: impl FnOnce(&mut Order) -> R) -> R {
    f(&mut ORDER.lock().unwrap_or_else(PoisonError::into_inner))
}

/// How many acquisitions the lock-order graph has heard of.
static HEARD: AtomicU64 = AtomicU64::new(0);

/// Tells the lock-order graph of an acquisition. Must be called inside the recorder.
pub(super) fn acquire(acquisition: &Acquisition<'_>) -> Vec<Found> {
    // Relaxed: a figure for the report.
    HEARD.fetch_add(1, Ordering::Relaxed);
    order(|order| order.acquire(acquisition, &mut backtraces::capture))
}

/// How many acquisitions the lock-order graph has heard of.
pub(super) fn heard() -> u64 {
    // Relaxed: a figure for the report.
    HEARD.load(Ordering::Relaxed)
}

/// Tells both engines of destroyed locks.
pub(super) fn retire(retired: &[LockId]) {
    order(|order| retired.iter().for_each(|&lock| order.retire(lock)));
    let mut seats = seats();
    retired.iter().for_each(|&lock| seats.graph.retire(lock));
}
