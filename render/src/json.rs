//! JSON: the form in which processes exchange reports. Its schema is `schema/report.schema.json`.

#[cfg(feature = "read")]
mod read;
mod write;

use model::report::Report;

#[cfg(feature = "read")]
use crate::error::Error;

/// A report as pretty JSON: the same report gives the same bytes. Ends with a line break.
///
/// ```
/// # use unsnarl_render as render;
/// let report = model::report::Report::new();
/// assert!(render::json::to_string(&report).starts_with("{\n  \"schema\": 1,\n"));
/// ```
///
/// # Panics
///
/// Never: a report holds nothing that JSON cannot say.
#[must_use]
pub fn to_string(report: &Report) -> String {
    let mut text = write::pretty(report).expect("a report holds only what JSON can say");
    text.push('\n');
    text
}

/// Reads a report of this or an older version.
///
/// ```
/// # use unsnarl_render as render;
/// let report = model::report::Report::new();
/// assert_eq!(render::json::from_str(&render::json::to_string(&report))?, report);
/// # Ok::<(), render::error::Error>(())
/// ```
///
/// # Errors
///
/// If it is not JSON, cut off, something else's JSON, damaged, or written by a newer version.
#[cfg(feature = "read")]
pub fn from_str(text: &str) -> Result<Report, Error> {
    read::report(text)
}
