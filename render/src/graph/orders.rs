//! The orders of a lock-order graph, by the rank of the class that is held.

use std::collections::BTreeSet;
use std::fmt::Write;

use model::graph::{Edge, Occurrence};

use crate::chart::{Arrow, Chart, Node, Verdict};
use crate::words;

/// What is said of an order, by what it is part of.
const REMARKS: &[(Verdict, &str)] = &[
    (Verdict::Plain, ""),
    (Verdict::Innocent, ", in an innocent cycle"),
    (Verdict::Guilty, ", in a cycle"),
];

/// Every class by rank, with the orders that begin at it.
pub(super) fn by_rank(chart: &Chart<'_>, ways: usize) -> String {
    let mut nodes: Vec<(usize, &Node<'_>)> = chart.nodes.iter().enumerate().collect();
    nodes.sort_by_key(|&(number, node)| (node.rank, number));
    let mut arrows: Vec<Vec<&Arrow<'_>>> = chart.nodes.iter().map(|_| Vec::new()).collect();
    for arrow in &chart.arrows {
        arrows[arrow.edge.from].push(arrow);
    }
    let mut text = String::new();
    let mut rank = None;
    for (number, node) in nodes {
        if rank != Some(node.rank) {
            let _ = writeln!(text, "rank {}", node.rank);
            rank = Some(node.rank);
        }
        push_node(&mut text, node);
        for arrow in &arrows[number] {
            push_arrow(&mut text, chart, arrow, ways);
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn push_node(text: &mut String, node: &Node<'_>) {
    let class = node.class;
    let _ = write!(text, "  `{}`", node.name);
    if class.name.is_some() {
        let _ = write!(text, ", {}", class.kind);
        let made = class.created.iter().map(|site| format!(" made at {site}"));
        text.extend(made);
    }
    text.push('\n');
}

fn push_arrow(text: &mut String, chart: &Chart<'_>, arrow: &Arrow<'_>, ways: usize) {
    let edge = arrow.edge;
    let remark = REMARKS
        .iter()
        .find(|(verdict, _)| *verdict == arrow.verdict);
    let _ = writeln!(
        text,
        "    → `{}` ({}, {}){}",
        chart.nodes[edge.to].name,
        words::count(edge.count, "pair", "pairs"),
        words::count(threads(edge), "thread", "threads"),
        remark.map_or("", |(_, words)| words),
    );
    for one in edge.occurrences.iter().take(ways) {
        push_occurrence(text, chart, one);
    }
    if edge.occurrences.len() > ways {
        let more = edge.occurrences.len() - ways;
        let _ = writeln!(text, "        and in {more} more ways");
    }
}

/// How many threads took the locks in this order.
fn threads(edge: &Edge) -> u64 {
    let threads = edge
        .occurrences
        .iter()
        .map(|one| (&one.process, &one.thread));
    let threads: BTreeSet<_> = threads.collect();
    threads.len() as u64
}

fn push_occurrence(text: &mut String, chart: &Chart<'_>, one: &Occurrence) {
    let held = if one.held_shared { " (shared)" } else { "" };
    let asks = if one.tried { "tries" } else { "asks" };
    let asked = if one.acquired_shared { " (shared)" } else { "" };
    let _ = write!(
        text,
        "        holds {}{held}, {asks} at {}{asked}",
        one.held, one.acquired
    );
    let who = [
        ("thread", &one.thread),
        ("test", &one.test),
        ("in", &one.process),
    ];
    for (what, name) in who.iter().filter(|(_, name)| !name.is_empty()) {
        let _ = write!(text, ", {what} `{name}`");
    }
    let gates = one.gates.iter().filter_map(|&gate| chart.nodes.get(gate));
    let gates: Vec<String> = gates.map(|node| format!("`{}`", node.name)).collect();
    if !gates.is_empty() {
        let _ = write!(text, ", also holds {}", gates.join(", "));
    }
    text.push('\n');
}
