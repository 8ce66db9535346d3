//! `std::hint`: what waits in a loop.

#[cfg(feature = "explore")]
pub use crate::watched::pause::spin_loop;
#[cfg(all(feature = "loom", not(feature = "observe")))]
pub use loom::hint::spin_loop;
#[cfg(not(any(feature = "explore", all(feature = "loom", not(feature = "observe")))))]
pub use std::hint::spin_loop;
