//! Ranks: which classes come first.

use model::graph::Edge;
use petgraph::Directed;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::NodeIndex;

type Orders = petgraph::Graph<(), (), Directed, usize>;

/// The rank of each class, and the knot (strongly connected component) it belongs to.
pub(crate) struct Ranking {
    pub(crate) ranks: Vec<usize>,
    knots: Vec<usize>,
}

impl Ranking {
    /// Ranks by the longest way over the knots.
    pub(crate) fn new(classes: usize, edges: &[&Edge]) -> Self {
        let mut graph = Orders::with_capacity(classes, edges.len());
        for _ in 0..classes {
            graph.add_node(());
        }
        for edge in edges {
            graph.add_edge(NodeIndex::new(edge.from), NodeIndex::new(edge.to), ());
        }
        let found = kosaraju_scc(&graph);
        let mut knots = vec![0; classes];
        for (number, knot) in found.iter().enumerate() {
            knot.iter().for_each(|node| knots[node.index()] = number);
        }
        let mut ranking = Self {
            ranks: vec![0; classes],
            knots,
        };
        // Kosaraju's algorithm finds what comes last first.
        for knot in found.iter().rev() {
            ranking.settle(knot, &graph);
        }
        ranking
    }

    /// Gives a knot one rank, and pushes what comes after it behind it.
    fn settle(&mut self, knot: &[NodeIndex<usize>], graph: &Orders) {
        let rank = knot.iter().map(|node| self.ranks[node.index()]).max();
        let rank = rank.unwrap_or(0);
        for &node in knot {
            self.ranks[node.index()] = rank;
            for next in graph.neighbors(node).map(NodeIndex::index) {
                if self.knots[next] != self.knots[node.index()] {
                    self.ranks[next] = self.ranks[next].max(rank + 1);
                }
            }
        }
    }

    /// Whether an order is part of some cycle.
    pub(crate) fn is_in_cycle(&self, edge: &Edge) -> bool {
        self.knots[edge.from] == self.knots[edge.to]
    }
}

#[cfg(test)]
mod tests {
    use model::graph::Edge;

    use super::Ranking;

    fn check(classes: usize, pairs: &[(usize, usize)], ranks: &[usize]) {
        let edges: Vec<Edge> = pairs.iter().map(|&(a, b)| Edge::new(a, b)).collect();
        let edges: Vec<&Edge> = edges.iter().collect();
        assert_eq!(Ranking::new(classes, &edges).ranks, ranks);
    }

    #[test]
    fn a_rank_is_the_longest_way() {
        check(4, &[(0, 1), (1, 2), (0, 2), (3, 2)], &[0, 1, 2, 0]);
    }

    #[test]
    fn a_cycle_has_one_rank() {
        check(4, &[(0, 1), (1, 2), (2, 1), (2, 3), (3, 3)], &[0, 1, 1, 2]);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let pairs: Vec<(usize, usize)> = (0..100_000).map(|at| (at, at + 1)).collect();
        let ranks: Vec<usize> = (0..=100_000).collect();
        check(100_001, &pairs, &ranks);
    }
}
