//! The twins, and what they share with all others.

pub(crate) use unsnarl::__parts::watched::{meter, tag};

pub(crate) mod tokio;
