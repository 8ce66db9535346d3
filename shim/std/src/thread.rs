//! `std::thread`, with the watched twins in it.

#[doc(no_inline)]
pub use std::thread::*;

#[expect(deprecated, reason = "the standard library still has it")]
#[doc(no_inline)]
pub use unsnarl::thread::park_timeout_ms;
#[doc(no_inline)]
pub use unsnarl::thread::{
    Builder, JoinHandle, Scope, ScopedJoinHandle, Thread, current, park, park_timeout, scope, spawn,
};
