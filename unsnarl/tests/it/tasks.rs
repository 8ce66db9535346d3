//! `unsnarl::tokio` in the place of tokio.

mod races;
mod surface;
mod told;
