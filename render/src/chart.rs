//! The lock-order graph made ready to be shown: names, ranks, and which orders belong to cycles.

mod rank;
mod verdict;

use model::graph::{Class, Edge};
use model::report::Report;

pub(crate) use self::verdict::{CYCLES, Verdict};

/// A graph with what its pictures need. Orders between classes that are not there are left out.
pub(crate) struct Chart<'a> {
    pub(crate) nodes: Vec<Node<'a>>,
    pub(crate) arrows: Vec<Arrow<'a>>,
}

/// A class in a chart.
pub(crate) struct Node<'a> {
    pub(crate) class: &'a Class,
    pub(crate) name: String,
    /// How many classes come before it, along the longest way to it; those of a cycle share one.
    pub(crate) rank: usize,
    pub(crate) verdict: Verdict,
}

/// An order in a chart.
pub(crate) struct Arrow<'a> {
    pub(crate) edge: &'a Edge,
    pub(crate) verdict: Verdict,
}

impl<'a> Chart<'a> {
    pub(crate) fn new(report: &'a Report) -> Self {
        let graph = &report.graph;
        let is_there = |edge: &&Edge| edge.from.max(edge.to) < graph.classes.len();
        let edges: Vec<&Edge> = graph.edges.iter().filter(is_there).collect();
        let ranking = rank::Ranking::new(graph.classes.len(), &edges);
        let verdicts = verdict::of(report, &edges, &ranking);
        let arrows = edges.into_iter().zip(verdicts);
        let arrows: Vec<Arrow<'_>> = arrows
            .map(|(edge, verdict)| Arrow { edge, verdict })
            .collect();
        let nodes = graph.classes.iter().enumerate().map(|(index, class)| Node {
            class,
            name: class.display(),
            rank: ranking.ranks[index],
            verdict: Verdict::Plain,
        });
        let mut nodes: Vec<Node<'_>> = nodes.collect();
        for arrow in &arrows {
            for end in [arrow.edge.from, arrow.edge.to] {
                nodes[end].verdict = nodes[end].verdict.max(arrow.verdict);
            }
        }
        Self { nodes, arrows }
    }
}
