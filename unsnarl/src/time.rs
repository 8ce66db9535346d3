//! `std::time`; in an explored run, `Instant` follows the virtual clock.

pub use std::time::{Duration, SystemTime, SystemTimeError, TryFromFloatSecsError, UNIX_EPOCH};

#[cfg(feature = "explore")]
pub use crate::watched::instant::Instant;
#[cfg(not(feature = "explore"))]
pub use std::time::Instant;
