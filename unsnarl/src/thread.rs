//! `std::thread`, watched when the feature `check` is on.

#[allow(deprecated, reason = "the standard library still has them")]
mod deprecated {
    #[cfg(feature = "observe")]
    pub use crate::watched::{pause::sleep_ms, thread::park_timeout_ms};
    #[cfg(not(feature = "observe"))]
    pub use std::thread::{park_timeout_ms, sleep_ms};
}

#[allow(deprecated, reason = "the standard library still has them")]
pub use self::deprecated::{park_timeout_ms, sleep_ms};
pub use std::thread::{AccessError, Result};

#[cfg(feature = "explore")]
pub use crate::watched::{
    local::LocalKey, panicking::panicking, pause::yield_now, thread_id::ThreadId,
};
#[cfg(not(feature = "explore"))]
pub use std::thread::{LocalKey, ThreadId, panicking, yield_now};

#[cfg(feature = "observe")]
pub use crate::watched::{
    builder::Builder,
    pause::sleep,
    scope::{Scope, ScopedJoinHandle, scope},
    thread::{JoinHandle, Thread, available_parallelism, current, park, park_timeout, spawn},
};
#[cfg(not(feature = "observe"))]
pub use std::thread::{
    Builder, JoinHandle, Scope, ScopedJoinHandle, Thread, available_parallelism, current, park,
    park_timeout, scope, sleep, spawn,
};
