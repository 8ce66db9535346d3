//! `unsnarl::tokio` in the place of tokio.

mod surface;
mod told;
