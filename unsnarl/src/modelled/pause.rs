//! Waits for a time. Loom has none: others go on, and the time is over.

use std::time::Duration;

use loom::thread::yield_now;

/// [`std::thread::sleep`] in a model.
pub fn sleep(_duration: Duration) {
    yield_now();
}

/// [`std::thread::sleep_ms`] in a model.
#[deprecated(since = "1.6.0", note = "replaced by `std::thread::sleep`")]
pub fn sleep_ms(_milliseconds: u32) {
    yield_now();
}

/// [`std::thread::park_timeout`] in a model. It ends without a token, as it may.
pub fn park_timeout(_duration: Duration) {
    yield_now();
}

/// [`std::thread::park_timeout_ms`] in a model.
#[deprecated(since = "1.6.0", note = "replaced by `std::thread::park_timeout`")]
pub fn park_timeout_ms(_milliseconds: u32) {
    yield_now();
}
