//! What is watched in a project, what is not, and why: found out without building it.

pub(crate) mod checkup;
mod packages;
mod sites;
mod words;
