//! `core::hint`, with what waits in a loop watched.

#[doc(no_inline)]
pub use core::hint::*;

#[doc(no_inline)]
pub use unsnarl::hint::spin_loop;
