//! `std::thread`, watched when the feature `check` is on; loom's with the feature `loom`.

#[cfg(any(feature = "explore", all(feature = "loom", not(feature = "observe"))))]
mod local;

#[allow(deprecated, reason = "the standard library still has them")]
mod deprecated {
    #[cfg(all(feature = "loom", not(feature = "observe")))]
    pub use crate::modelled::pause::{park_timeout_ms, sleep_ms};
    #[cfg(feature = "observe")]
    pub use crate::watched::{pause::sleep_ms, thread::park_timeout_ms};
    #[cfg(not(any(feature = "observe", feature = "loom")))]
    pub use std::thread::{park_timeout_ms, sleep_ms};
}

#[allow(deprecated, reason = "the standard library still has them")]
pub use self::deprecated::{park_timeout_ms, sleep_ms};
pub use std::thread::Result;

#[cfg(all(feature = "loom", not(feature = "observe")))]
pub use crate::modelled::{
    local::LocalKey,
    park::{Thread, current, park},
    pause::{park_timeout, sleep},
    scope::{Scope, ScopedJoinHandle, scope},
    thread::{Builder, JoinHandle, spawn},
};
#[cfg(all(feature = "loom", not(feature = "observe")))]
pub use loom::thread::{AccessError, ThreadId, yield_now};
#[cfg(not(all(feature = "loom", not(feature = "observe"))))]
pub use std::thread::AccessError;
#[cfg(all(feature = "loom", not(feature = "observe")))]
pub use std::thread::{available_parallelism, panicking};

#[cfg(feature = "explore")]
pub use crate::watched::{
    local::LocalKey, panicking::panicking, pause::yield_now, thread_id::ThreadId,
};
#[cfg(not(any(feature = "explore", all(feature = "loom", not(feature = "observe")))))]
pub use std::thread::{LocalKey, ThreadId, panicking, yield_now};

#[cfg(feature = "observe")]
pub use crate::watched::{
    builder::Builder,
    pause::sleep,
    scope::{Scope, ScopedJoinHandle, scope},
    thread::{JoinHandle, Thread, available_parallelism, current, park, park_timeout, spawn},
};
#[cfg(not(any(feature = "observe", feature = "loom")))]
pub use std::thread::{
    Builder, JoinHandle, Scope, ScopedJoinHandle, Thread, available_parallelism, current, park,
    park_timeout, scope, sleep, spawn,
};
