//! Stands in for `core` in crates that know nothing of it, with watched atomics.
//!
//! `cargo unsnarl test --shim all` gives it to the compiler as `--extern core=…`. Everything that it does not name *is*
//! the real one's, by glob. It is built against the real standard library, and so brings it into crates that are
//! `no_std`: no matter where tests run, but a program with a panic handler of its own cannot be built so.
//!
//! What it replaces, the crate that stands in for `std` takes from here: a name is the same thing in both, as in the
//! real ones. `alloc` needs nobody in its place, since no name of it is replaced.

#[doc(no_inline)]
pub use core::*;

pub mod hint;
pub mod prelude;
pub mod sync;

#[doc(hidden)]
pub mod __unsnarl;
