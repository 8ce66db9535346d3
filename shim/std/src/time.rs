//! `std::time`, with a clock that can be virtual.

#[doc(no_inline)]
pub use std::time::*;

#[doc(no_inline)]
pub use unsnarl::time::Instant;
