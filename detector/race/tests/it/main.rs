//! Traces through the engines, as `cargo unsnarl analyze` reads them.

mod memory;
mod tables;
