//! `std::thread`, with the watched twins in it.

#[doc(no_inline)]
pub use std::thread::*;

#[doc(no_inline)]
pub use unsnarl::thread::{
    Builder, JoinHandle, LocalKey, Scope, ScopedJoinHandle, Thread, ThreadId,
    available_parallelism, current, panicking, park, park_timeout, scope, sleep, spawn, yield_now,
};
#[expect(deprecated, reason = "the standard library still has them")]
#[doc(no_inline)]
pub use unsnarl::thread::{park_timeout_ms, sleep_ms};
