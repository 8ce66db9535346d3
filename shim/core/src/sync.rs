//! `core::sync`, with watched atomics.

pub mod atomic;

#[doc(no_inline)]
pub use core::sync::*;
