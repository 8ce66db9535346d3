//! The integration tests of `unsnarl`.

mod atomics;
mod channels;
#[cfg(feature = "explore")]
mod explore;
mod races;
mod surface;
