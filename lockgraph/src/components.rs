//! Strongly connected components: which nodes of a graph lie on common cycles.
//!
//! **Follows** Tarjan, "Depth-First Search and Linear Graph Algorithms" (1972), with a stack of its own in the place of
//! recursion. The crate `petgraph` has it too; tests compare with that, but users would have to build it in every crate
//! they test.

/// The components of a graph. `arcs[node]` lists the nodes that a node leads to.
pub(crate) fn components(arcs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search {
        arcs,
        orders: vec![UNSEEN; arcs.len()],
        lows: vec![0; arcs.len()],
        seen: 0,
        open: Vec::new(),
        path: Vec::new(),
        found: Vec::new(),
    };
    for node in 0..arcs.len() {
        if search.orders[node] == UNSEEN {
            search.run(node);
        }
    }
    search.found
}

/// The order of a node that was not seen yet.
const UNSEEN: usize = usize::MAX;

/// The order of a node whose component is complete: later than all that are open, so that no arc to it counts.
const DONE: usize = usize::MAX - 1;

struct Search<'a> {
    arcs: &'a [Vec<usize>],
    /// When each node was first seen.
    orders: Vec<usize>,
    /// The earliest node, by its order, that each node was seen to lead back to.
    lows: Vec<usize>,
    seen: usize,
    /// Nodes seen whose component is not complete.
    open: Vec<usize>,
    /// The way from the start to the node looked at, each with its next arc to follow.
    path: Vec<(usize, usize)>,
    found: Vec<Vec<usize>>,
}

impl Search<'_> {
    fn run(&mut self, start: usize) {
        self.enter(start);
        while let Some((node, next)) = self.path.last_mut() {
            let (node, arc) = (*node, *next);
            *next += 1;
            match self.arcs[node].get(arc) {
                Some(&to) if self.orders[to] == UNSEEN => self.enter(to),
                Some(&to) => self.reach(node, self.orders[to]),
                None => self.leave(node),
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.orders[node] = self.seen;
        self.lows[node] = self.seen;
        self.seen += 1;
        self.open.push(node);
        self.path.push((node, 0));
    }

    /// A node leads to one of this order.
    fn reach(&mut self, node: usize, order: usize) {
        let low = &mut self.lows[node];
        *low = order.min(*low);
    }

    /// All arcs of a node were followed.
    fn leave(&mut self, node: usize) {
        self.path.pop();
        let low = self.lows[node];
        if let Some(&(before, _)) = self.path.last() {
            self.reach(before, low);
        }
        if low == self.orders[node] {
            let mut open = self.open.iter();
            let first = open.rposition(|&member| member == node);
            let component = self
                .open
                .split_off(first.expect("a node stays open until here"));
            for &member in &component {
                self.orders[member] = DONE;
            }
            self.found.push(component);
        }
    }
}

#[cfg(test)]
mod tests {
    use petgraph::algo::tarjan_scc;
    use petgraph::graph::{DiGraph, NodeIndex};
    use proptest::prelude::{prop, proptest};

    use super::components;

    fn sorted(mut components: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
        components
            .iter_mut()
            .for_each(|nodes| nodes.sort_unstable());
        components.sort_unstable();
        components
    }

    proptest! {
        #[test]
        fn components_are_those_of_petgraph(arcs in prop::collection::vec((0_usize..12, 0_usize..12), 0..40)) {
            let mut lists = vec![Vec::new(); 12];
            let mut graph = DiGraph::<(), ()>::new();
            (0..12).for_each(|_| { graph.add_node(()); });
            for &(from, to) in &arcs {
                lists[from].push(to);
                graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), ());
            }
            let expected = tarjan_scc(&graph).into_iter();
            let expected = expected.map(|nodes| nodes.iter().map(|node| node.index()).collect());
            assert_eq!(sorted(components(&lists)), sorted(expected.collect()));
        }
    }

    #[test]
    fn a_long_chain_needs_no_long_stack() {
        let mut lists: Vec<Vec<usize>> = (1..200_000).map(|next| vec![next]).collect();
        lists.push(vec![0]);
        assert_eq!(components(&lists).len(), 1);
    }
}
