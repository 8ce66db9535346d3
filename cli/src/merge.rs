//! Many reports in one: findings by fingerprint, the lock-order graph by class, and what only shows together.

use std::cmp::{Ordering, Reverse};
use std::mem;

use lockgraph::order::class::class_cycles;
use model::finding::Finding;
use model::graph;
use model::report::Report;

/// Merges reports, and adds the inversions of which each of them shows only one half.
pub(crate) fn merge(reports: impl IntoIterator<Item = Report>) -> Report {
    let mut merged = Report::new();
    let graphs = reports.into_iter().map(|mut report| {
        let graph = mem::take(&mut report.graph);
        take_in(&mut merged, report);
        graph
    });
    let graph = graph::merge(graphs);
    for finding in class_cycles(&graph, &merged.findings) {
        // What a report brought along was counted there.
        merged.add_new(finding);
    }
    merged.graph = graph;
    merged.findings.sort_by(order);
    merged
        .processes
        .sort_by(|a, b| (&a.name, a.pid).cmp(&(&b.name, b.pid)));
    merged.processes.dedup();
    merged
        .tests
        .sort_by(|a, b| (&a.process, &a.name).cmp(&(&b.process, &b.name)));
    merged
}

fn take_in(merged: &mut Report, report: Report) {
    merged.processes.extend(report.processes);
    for finding in report.findings {
        merged.add(finding);
    }
    for test in report.tests {
        merged.add_test(test);
    }
    if let Some(profile) = report.profile {
        merged.add_profile(profile);
    }
}

/// The worst first, and otherwise such that the same input gives the same bytes.
pub(crate) fn order(a: &Finding, b: &Finding) -> Ordering {
    let rank = |finding: &Finding| (Reverse(finding.severity), Reverse(finding.certainty));
    rank(a)
        .cmp(&rank(b))
        .then_with(|| a.fingerprint.cmp(&b.fingerprint))
}
