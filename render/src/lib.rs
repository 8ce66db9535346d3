//! The report formats of unsnarl: one [`Report`](model::report::Report), many ways to show it.
//!
//! [`formats::FORMATS`] lists them. Everything here only lays out what a report says, except [`names`], which first
//! reads the names of locks from the source, and `pointers`, which reads there what is done with pointers.

#[cfg(feature = "graph")]
mod chart;
#[cfg(feature = "graph")]
pub mod dot;
#[cfg(feature = "read")]
pub mod error;
pub mod explain;
pub mod formats;
#[cfg(feature = "ci")]
pub mod github;
#[cfg(feature = "graph")]
pub mod graph;
pub mod json;
#[cfg(feature = "ci")]
pub mod junit;
#[cfg(feature = "ci")]
pub mod markdown;
pub mod names;
pub mod options;
#[cfg(feature = "names")]
pub mod pointers;
#[cfg(feature = "profile")]
pub mod profile;
#[cfg(feature = "ci")]
pub mod sarif;
pub mod source;
#[cfg(feature = "graph")]
pub mod svg;
pub mod text;

pub mod words;
mod worst;
