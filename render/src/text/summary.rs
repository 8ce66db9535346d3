//! The line that sums a report up.

use model::finding::{Finding, Severity};
use model::report::Report;

use crate::words::{count, length};

/// Severities by how they are counted, the worst first.
const COUNTED: &[(Severity, &str, &str)] = &[
    (Severity::Error, "error", "errors"),
    (Severity::Warning, "warning", "warnings"),
    (Severity::Note, "note", "notes"),
];

/// What was found, and in how much.
pub(super) fn line(report: &Report) -> String {
    let explored = report
        .tests
        .iter()
        .filter_map(|test| test.explored.as_ref());
    let (obstructed, free) = explored.partition::<Vec<_>, _>(|test| test.obstacle.is_some());
    if !obstructed.is_empty() || !free.is_empty() {
        let all = count((obstructed.len() + free.len()) as u64, "test", "tests");
        let found = found(&report.findings);
        // The orders of locks in explored runs are judged there, and not kept.
        return format!("unsnarl: {found} in {all}, {} of them explored", free.len());
    }
    format!(
        "unsnarl: {} in {}; {}{}",
        found(&report.findings),
        processes(report),
        orders(report),
        innocent(report)
    )
}

fn found(findings: &[Finding]) -> String {
    let counted = COUNTED.iter().filter_map(|&(severity, one, many)| {
        let is_counted =
            |finding: &&Finding| finding.severity == severity && finding.accepted.is_none();
        let number = findings.iter().filter(is_counted).count() as u64;
        (number > 0).then(|| count(number, one, many))
    });
    let accepted = findings.iter().filter(|one| one.accepted.is_some()).count();
    let accepted = (accepted > 0).then(|| format!("{accepted} accepted"));
    let parts: Vec<String> = counted.chain(accepted).collect();
    if parts.is_empty() {
        return "nothing found".to_owned();
    }
    parts.join(", ")
}

fn processes(report: &Report) -> String {
    let all = count(length(&report.processes), "process", "processes");
    let cut = report.processes.iter().filter(|one| !one.ended).count();
    match cut {
        0 => all,
        _ => format!("{all} ({cut} did not end by itself)"),
    }
}

fn orders(report: &Report) -> String {
    if report.graph.edges.is_empty() {
        return "no lock was taken while another was held".to_owned();
    }
    format!(
        "{} between {}",
        count(length(&report.graph.edges), "order", "orders"),
        count(
            length(&report.graph.classes),
            "class of locks",
            "classes of locks"
        ),
    )
}

fn innocent(report: &Report) -> String {
    match length(&report.graph.innocent) {
        0 => String::new(),
        number => format!(", {}", count(number, "innocent cycle", "innocent cycles")),
    }
}
