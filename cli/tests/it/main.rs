//! End-to-end tests of the command.
//!
//! Most run on crates whose `unsnarl` is a stub that writes the report it is told to: they test this crate alone, and
//! build in a second. `engine`, `tasks`, `profile` and `shim…` run on the real one.

mod analyze;
mod choice;
mod demand;
mod doctor;
mod dump;
mod engine;
mod explore;
mod forms;
mod forward;
mod jobs;
mod loom;
mod odd;
mod owners;
mod profile;
mod rounds;
mod run;
mod saved;
mod shim;
mod shim_core;
mod shim_correct;
mod shim_test_attribute;
mod shim_tokio;
mod stress;
mod support;
mod surroundings;
mod switch;
mod tasks;
