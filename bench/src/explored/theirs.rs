//! The programs on shuttle's types.

use shuttle::{sync, thread};

#[path = "costs.rs"]
pub(super) mod costs;
