//! Stands in for `std` in crates that know nothing of it, with watched locks, channels, threads and atomics.
//!
//! `cargo unsnarl test --shim all` gives it to the compiler as `--extern std=…`, so that paths, macros, derives and the
//! prelude resolve through it. It is built against the real standard library, and everything that it does not name
//! *is* the real one's, by glob: a name given here shadows the glob's.

#[doc(no_inline)]
pub use std::*;

#[doc(no_inline)]
pub use unsnarl::thread_local;
#[doc(no_inline)]
pub use unsnarl_core::hint;

pub mod prelude;
pub mod sync;
pub mod thread;
pub mod time;
