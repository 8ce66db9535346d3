//! The vocabulary of unsnarl: what the facade, the engines and the formats say to each other.
//!
//! Events go in ([`event`]), findings come out ([`finding`]), and a [`report`] carries findings and the lock-order
//! graph from the test process to the command line. Nothing here decides anything.

mod record;

pub mod clock;
pub mod event;
pub mod finding;
pub mod graph;
pub mod id;
pub mod kind;
pub mod owner;
pub mod profile;
pub mod report;
pub mod site;
pub mod slug;
pub mod trace;
