//! `std::hint`: what waits in a loop.

#[cfg(feature = "explore")]
pub use crate::watched::pause::spin_loop;
#[cfg(not(feature = "explore"))]
pub use std::hint::spin_loop;
