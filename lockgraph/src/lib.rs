//! The lock-order graph and the hang detector of unsnarl.

pub mod held;
pub mod order;
pub mod wait;
