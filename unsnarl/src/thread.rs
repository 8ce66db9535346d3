//! `std::thread`, watched when the feature `check` is on.

pub use std::thread::{
    AccessError, LocalKey, Result, ThreadId, available_parallelism, panicking, sleep, yield_now,
};

#[cfg(feature = "observe")]
pub use crate::watched::{
    builder::Builder,
    scope::{Scope, ScopedJoinHandle, scope},
    thread::{JoinHandle, Thread, current, park, park_timeout, spawn},
};
#[cfg(not(feature = "observe"))]
pub use std::thread::{
    Builder, JoinHandle, Scope, ScopedJoinHandle, Thread, current, park, park_timeout, scope, spawn,
};
