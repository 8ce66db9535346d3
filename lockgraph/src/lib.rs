//! The lock-order graph and the hang detector of unsnarl.

mod components;
pub mod fold;
pub mod held;
pub mod order;
pub mod wait;
