//! The lock-order graph of the process.

use std::sync::{LazyLock, Mutex, PoisonError};

use lockgraph::order::Order;
use model::id::LockId;

use super::seats::seats;

static ORDER: LazyLock<Mutex<Order>> = LazyLock::new(Mutex::default);

/// Runs `f` on the lock-order graph. Must be called inside the recorder.
pub(super) fn order<R>(f: impl FnOnce(&mut Order) -> R) -> R {
    f(&mut ORDER.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Tells both engines of destroyed locks.
pub(super) fn retire(retired: &[LockId]) {
    order(|order| retired.iter().for_each(|&lock| order.retire(lock)));
    let mut seats = seats();
    retired.iter().for_each(|&lock| seats.graph.retire(lock));
}
