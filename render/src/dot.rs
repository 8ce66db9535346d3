//! DOT: the lock-order graph for Graphviz.

use std::fmt::Write;

use model::report::Report;

use crate::chart::{Arrow, Chart, Node, Verdict};

/// The look of an order or a class, by what it is part of.
const LOOKS: &[(Verdict, &str)] = &[
    (Verdict::Plain, ""),
    (Verdict::Innocent, ", style=dashed, color=\"#4a6fa5\""),
    (Verdict::Guilty, ", color=\"#c62828\", penwidth=2.5"),
];

/// The lock-order graph of a report in DOT: an arrow leads from the lock held to the lock asked for.
#[must_use]
pub fn graph(report: &Report) -> String {
    let chart = Chart::new(report);
    let mut text = "digraph \"lock order\" {\n    rankdir=LR;\n".to_owned();
    text.push_str("    node [shape=box, fontname=\"monospace\"];\n");
    for (number, node) in chart.nodes.iter().enumerate() {
        push_node(&mut text, number, node);
    }
    for arrow in &chart.arrows {
        push_arrow(&mut text, arrow);
    }
    text.push_str("}\n");
    text
}

fn push_node(text: &mut String, number: usize, node: &Node<'_>) {
    let place = node.class.created.as_ref().or(node.class.used.as_ref());
    let place = place.map_or_else(String::new, |site| format!("\n{}:{}", site.file, site.line));
    let label = quote(&format!("{}\n{}{place}", node.name, node.class.kind));
    let _ = writeln!(text, "    n{number} [label={label}{}];", node_look(node));
}

/// A class of an innocent cycle looks like any other: only its orders are dashed.
fn node_look(node: &Node<'_>) -> &'static str {
    match node.verdict {
        Verdict::Guilty => look(Verdict::Guilty),
        _ => look(Verdict::Plain),
    }
}

fn push_arrow(text: &mut String, arrow: &Arrow<'_>) {
    let edge = arrow.edge;
    let sites = edge.occurrences.first().map_or_else(String::new, |one| {
        format!("holds {}\nasks at {}", one.held, one.acquired)
    });
    let _ = writeln!(
        text,
        "    n{} -> n{} [tooltip={}{}];",
        edge.from,
        edge.to,
        quote(&sites),
        look(arrow.verdict)
    );
}

fn look(verdict: Verdict) -> &'static str {
    let row = LOOKS.iter().find(|(one, _)| *one == verdict);
    row.map_or("", |(_, look)| look)
}

/// A DOT string: quotes and backslashes escaped, line breaks as `\n`.
fn quote(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('\r', "").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn quotes_backslashes_and_line_breaks_are_escaped() {
        assert_eq!(quote("a\"b\\c\nd"), r#""a\"b\\c\nd""#);
    }
}
