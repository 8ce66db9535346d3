//! The programs on unsnarl's types.

use unsnarl::{sync, thread};

#[path = "costs.rs"]
pub(super) mod costs;
#[path = "programs.rs"]
pub(super) mod programs;
