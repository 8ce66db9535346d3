//! `std::hint`: what waits in a loop.

pub use std::hint::spin_loop;
