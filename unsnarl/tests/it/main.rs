//! The integration tests of `unsnarl`.

mod atomics;
mod channels;
#[cfg(feature = "explore")]
mod explore;
#[cfg(feature = "explore")]
mod explored_mishaps;
#[cfg(feature = "explore")]
mod explored_races;
mod leaks;
mod races;
mod surface;
