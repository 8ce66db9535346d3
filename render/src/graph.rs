//! The lock-order graph as text: cycles first, then the innocent ones and why, then all orders by rank.

mod cycles;
mod orders;

use model::report::Report;

use crate::chart::Chart;
use crate::options::{Detail, Options};
use crate::text;

/// How many ways in which an order was seen are shown if not all are.
const WAYS: usize = 3;

/// The lock-order graph of a report as text; [`Detail::Full`] shows every way in which an order was seen.
#[must_use]
pub fn text(report: &Report, options: &Options) -> String {
    let chart = Chart::new(report);
    let ways = match options.detail {
        Detail::Short => 1,
        Detail::Steps => WAYS,
        Detail::Full => usize::MAX,
    };
    let mut text = cycles::reported(report);
    text.push_str(&cycles::innocent(report, &chart));
    text.push_str(&orders::by_rank(&chart, ways));
    text.push_str(&text::summary(report));
    text.push('\n');
    text
}
