//! `std::time`; in an explored run, `Instant` follows the virtual clock. `SystemTime` stays the system's, for it is what files
//! have: what a program compares with their times cannot be virtual.

pub use std::time::{Duration, SystemTime, SystemTimeError, TryFromFloatSecsError, UNIX_EPOCH};

#[cfg(feature = "explore")]
pub use crate::watched::instant::Instant;
#[cfg(not(feature = "explore"))]
pub use std::time::Instant;
