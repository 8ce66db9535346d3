//! What other orders of a recorded run could have shown.

pub mod deadlocks;
pub mod history;
pub mod races;

mod ideal;
