//! Findings in the order in which they matter.

use std::cmp::Reverse;

use model::finding::Finding;
use model::report::Report;

/// The findings of a report: what fails the run first, then the worst and the surest.
pub(crate) fn first(report: &Report) -> Vec<&Finding> {
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    findings.sort_by_key(|finding| Reverse((finding.fails(), finding.severity, finding.certainty)));
    findings
}
