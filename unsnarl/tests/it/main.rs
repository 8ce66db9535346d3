//! The integration tests of `unsnarl`.

mod atomics;
mod channels;
mod races;
mod surface;
