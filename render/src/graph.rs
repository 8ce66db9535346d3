//! The lock-order graph as text.

use model::report::Report;

use crate::options::Options;

/// The graph of a report as text.
#[must_use]
pub fn text(_report: &Report, _options: &Options) -> String {
    String::new()
}
