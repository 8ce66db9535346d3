//! `tokio::time::timeout`, which may be over at once where faults are asked for.

use std::future::IntoFuture;
use std::time::Duration;

use ::tokio::time::{Instant, Timeout};

use crate::recorder::noise;

/// Awaits a future, but not longer than so. See [`tokio::time::timeout`](::tokio::time::timeout).
///
/// # Panics
///
/// If it is not called from a runtime with a clock.
#[track_caller]
pub fn timeout<F>(duration: Duration, future: F) -> Timeout<F::IntoFuture>
where
    F: IntoFuture,
{
    ::tokio::time::timeout(noise::shortened(duration), future)
}

/// Awaits a future, but not longer than until then. See [`tokio::time::timeout_at`](::tokio::time::timeout_at).
///
/// # Panics
///
/// If it is not called from a runtime with a clock.
#[track_caller]
pub fn timeout_at<F>(deadline: Instant, future: F) -> Timeout<F::IntoFuture>
where
    F: IntoFuture,
{
    let left = deadline.saturating_duration_since(Instant::now());
    let deadline = deadline.min(Instant::now() + noise::shortened(left));
    ::tokio::time::timeout_at(deadline, future)
}
