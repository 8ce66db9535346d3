//! The cycles of a lock-order graph: those that were reported, and those that cannot deadlock.

use std::fmt::Write;

use model::finding::Finding;
use model::graph::Innocent;
use model::report::Report;

use crate::chart::{CYCLES, Chart};

/// The reported cycles with their sites, the worst first.
pub(super) fn reported(report: &Report) -> String {
    let is_cycle = |finding: &&Finding| CYCLES.contains(&finding.slug.as_str());
    let mut cycles: Vec<&Finding> = report.findings.iter().filter(is_cycle).collect();
    cycles.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    if cycles.is_empty() {
        return "no cycle that can deadlock was seen\n\n".to_owned();
    }
    let mut text = "cycles that can deadlock\n".to_owned();
    for finding in cycles {
        push_reported(&mut text, finding);
    }
    text.push('\n');
    text
}

fn push_reported(text: &mut String, finding: &Finding) {
    let message = finding.fill(&finding.message);
    let _ = writeln!(text, "  {}[{}]: {message}", finding.severity, finding.slug);
    for label in &finding.labels {
        let _ = writeln!(text, "    {}: {}", label.site, finding.fill(&label.text));
    }
}

/// The innocent cycles and why they are; nothing if there is none.
pub(super) fn innocent(report: &Report, chart: &Chart<'_>) -> String {
    if report.graph.innocent.is_empty() {
        return String::new();
    }
    let mut text = "innocent cycles\n".to_owned();
    for cycle in &report.graph.innocent {
        push_innocent(&mut text, cycle, chart);
    }
    text.push('\n');
    text
}

fn push_innocent(text: &mut String, cycle: &Innocent, chart: &Chart<'_>) {
    let around = cycle.classes.iter().chain(cycle.classes.first());
    let names = around.map(|&class| match chart.nodes.get(class) {
        Some(node) => format!("`{}`", node.name),
        None => "?".to_owned(),
    });
    let names: Vec<String> = names.collect();
    let times = match cycle.count {
        0 | 1 => String::new(),
        count => format!(" ({count} times)"),
    };
    let _ = writeln!(text, "  {}{times}", names.join(" → "));
    let _ = writeln!(text, "    innocent: {}", cycle.reason);
    for site in &cycle.sites {
        let _ = writeln!(text, "    asks at {site}");
    }
}
