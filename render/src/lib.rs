//! The report formats of unsnarl: one [`Report`](model::report::Report), many ways to show it.
//!
//! [`formats::FORMATS`] lists them. Everything here only lays out what a report says, except [`names`], which first
//! reads the names of locks from the source.

#[cfg(feature = "graph")]
mod chart;
#[cfg(feature = "graph")]
pub mod dot;
#[cfg(feature = "read")]
pub mod error;
pub mod explain;
pub mod formats;
#[cfg(feature = "graph")]
pub mod graph;
pub mod json;
pub mod names;
pub mod options;
pub mod source;
#[cfg(feature = "graph")]
pub mod svg;
pub mod text;

mod words;
