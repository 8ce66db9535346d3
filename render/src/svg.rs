//! SVG: the lock-order graph as a picture.
//!
//! The layout is our own, in layers after Sugiyama: of the crates tried, rust-sugiyama 0.4 does not come to an end on
//! some graphs of 15 nodes and says nothing of edges, and layout-rs 0.1.3 leads edges through boxes and takes 17 s for
//! 60 nodes with 300 edges.

mod layered;
mod layout;
mod packing;
mod paint;
mod plate;
mod point;
mod selection;

use model::report::Report;

use crate::chart::Chart;

/// The lock-order graph of a report as SVG: an arrow leads from the lock held to the lock asked for.
///
/// A large graph is cut to its most important part, and the picture says so.
#[must_use]
pub fn graph(report: &Report) -> String {
    let chart = Chart::new(report);
    let selection = selection::Selection::new(&chart);
    paint::picture(&chart, &selection)
}
