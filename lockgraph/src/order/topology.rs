//! A directed graph that grows arc by arc and knows at once which arcs lie on cycles.
//!
//! **Follows** Bender, Fineman, Gilbert and Tarjan, "A New Approach to Incremental Cycle Detection and Related
//! Problems" (2016), the algorithm for sparse graphs: every node has a level, no arc leads to a lower one, and a new
//! arc is tried by a bounded search backward within one level and then a search forward that raises levels. Where it
//! closes a cycle, its nodes melt into a group that is searched as one node (union-find by relabelling the smaller
//! side). Deviations: the arcs into a node are not sorted by level but filtered while scanned; nodes at a free end are
//! put in place without a search; nodes can be removed, and a large group is then split late (see `group.rs`).

mod graph;
mod group;

use crate::order::topology::graph::{ALONE, Graph, Link};

/// The graph with its order.
#[derive(Debug, Default)]
pub(crate) struct Topology {
    graph: Graph,
    stamp: u32,
    stack: Vec<u32>,
}

/// How the backward search ended.
enum Backward {
    /// It met the other end of the new arc.
    Met,
    /// It saw all there is on the level.
    Exhausted,
    /// It reached its bound.
    Cut,
}

impl Topology {
    /// Adds a node without arcs.
    pub(crate) fn add_node(&mut self) -> u32 {
        self.graph.add_node()
    }

    /// Removes a node with all its arcs, and tells them.
    pub(crate) fn remove_node(&mut self, node: u32, gone: impl FnMut(u32, u32, u32)) {
        self.graph.leave_group(node);
        self.graph.remove_node(node, gone);
    }

    /// The arcs out of a node.
    pub(crate) fn arcs_out(&self, node: u32) -> &[Link] {
        self.graph.arcs_out(node)
    }

    /// The arcs into a node.
    pub(crate) fn arcs_into(&self, node: u32) -> &[Link] {
        self.graph.arcs_into(node)
    }

    /// The ends of an arc.
    pub(crate) fn ends(&self, arc: u32) -> (u32, u32) {
        self.graph.ends(arc)
    }

    /// Whether a cycle may lead through both nodes.
    pub(crate) fn together(&self, one: u32, other: u32) -> bool {
        self.graph.together(one, other)
    }

    /// Adds an arc.
    pub(crate) fn add_arc(&mut self, from: u32, to: u32) -> u32 {
        let arc = self.graph.link(from, to);
        if from != to {
            self.settle(from, to);
        }
        arc
    }

    /// Restores the order of levels after a new arc, and melts the cycle it closes, if any.
    fn settle(&mut self, v: u32, w: u32) {
        let (level_v, level_w) = (self.graph.level(v), self.graph.level(w));
        if level_v < level_w || self.graph.together(v, w) {
            return;
        }
        if self.graph.nodes[w as usize].out.is_empty() && self.graph.is_alone(w) {
            self.graph.nodes[w as usize].level = level_v;
            return;
        }
        if self.graph.nodes[v as usize].into.is_empty() && self.graph.is_alone(v) {
            self.graph.nodes[v as usize].level = level_w;
            return;
        }
        let target = match self.search_backward(v, w) {
            Backward::Met => return self.graph.melt(v, w),
            Backward::Exhausted if level_v == level_w => return,
            Backward::Exhausted => level_v,
            Backward::Cut => level_v + 1,
        };
        if self.search_forward(v, w, target) {
            self.graph.melt(v, w);
        }
    }

    /// The bound of the paper: the backward search may see Δ ≈ √m arcs. The factor is measured: a search that does
    /// not end soon seldom ends at all.
    fn bound(&self) -> usize {
        (self.graph.size().isqrt() / 16).max(4)
    }

    /// Marks what leads to `v` within its level.
    fn search_backward(&mut self, v: u32, w: u32) -> Backward {
        self.next_stamp();
        let level = self.graph.level(v);
        let mut budget = self.bound();
        self.stack.clear();
        self.enter(v);
        if self.stack.len() > budget {
            return Backward::Cut;
        }
        while let Some(x) = self.stack.pop() {
            for at in 0..self.graph.nodes[x as usize].into.len() {
                let p = self.graph.nodes[x as usize].into[at].node;
                if budget == 0 {
                    return Backward::Cut;
                }
                budget -= 1;
                let place = &self.graph.nodes[p as usize];
                if place.level != level || place.mark == self.stamp {
                    continue;
                }
                if self.graph.together(p, w) {
                    return Backward::Met;
                }
                self.enter(p);
            }
        }
        Backward::Exhausted
    }

    /// Marks a node, with its group, and puts it on the stack.
    fn enter(&mut self, node: u32) {
        let group = self.graph.nodes[node as usize].group;
        if group == ALONE {
            self.graph.nodes[node as usize].mark = self.stamp;
            self.stack.push(node);
            return;
        }
        for &member in &self.graph.groups[group as usize].members {
            self.graph.nodes[member as usize].mark = self.stamp;
            self.stack.push(member);
        }
    }

    /// Raises `w`, and all that it leads to, to a level. Returns whether it leads to `v`.
    ///
    /// A cycle does not end the search: the levels must be in order again whatever is found.
    fn search_forward(&mut self, v: u32, w: u32, target: u32) -> bool {
        let mut met = false;
        self.stack.clear();
        self.raise(w, target);
        while let Some(x) = self.stack.pop() {
            for at in 0..self.graph.nodes[x as usize].out.len() {
                let y = self.graph.nodes[x as usize].out[at].node;
                let place = &self.graph.nodes[y as usize];
                met |= place.mark == self.stamp || self.graph.together(y, v);
                if place.level < target {
                    self.raise(y, target);
                }
            }
        }
        met
    }

    /// Lifts a node, with its group, and puts it on the stack.
    fn raise(&mut self, node: u32, level: u32) {
        let group = self.graph.nodes[node as usize].group;
        if group == ALONE {
            self.graph.nodes[node as usize].level = level;
            self.stack.push(node);
            return;
        }
        for &member in &self.graph.groups[group as usize].members {
            self.graph.nodes[member as usize].level = level;
            self.stack.push(member);
        }
    }

    fn next_stamp(&mut self) {
        if self.stamp == u32::MAX {
            for node in &mut self.graph.nodes {
                node.mark = 0;
            }
            self.stamp = 0;
        }
        self.stamp += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Topology;

    /// A change of the graph: an arc, or a node that goes and comes back without arcs.
    #[derive(Clone, Debug)]
    enum Change {
        Arc(u32, u32),
        Renew(u32),
    }

    /// The graph as a list of arcs, searched in the plainest way.
    #[derive(Default)]
    struct Naive {
        arcs: Vec<(u32, u32)>,
    }

    impl Naive {
        fn reaches(&self, from: u32, to: u32) -> bool {
            let mut seen = vec![from];
            let mut at = 0;
            while let Some(&node) = seen.get(at) {
                at += 1;
                for &(_, next) in self.arcs.iter().filter(|arc| arc.0 == node) {
                    if !seen.contains(&next) {
                        seen.push(next);
                    }
                }
            }
            seen.contains(&to)
        }

        fn together(&self, one: u32, other: u32) -> bool {
            self.reaches(one, other) && self.reaches(other, one)
        }
    }

    fn change(nodes: u32, renew: u32) -> impl Strategy<Value = Change> {
        prop_oneof![
            12 => (0..nodes, 0..nodes).prop_map(|(from, to)| Change::Arc(from, to)),
            renew => (0..nodes).prop_map(Change::Renew),
        ]
    }

    /// Plays changes, and after each compares all pairs with a plain search.
    fn check(nodes: u32, changes: &[Change]) {
        let (mut topology, mut naive) = (Topology::default(), Naive::default());
        (0..nodes).for_each(|_| {
            topology.add_node();
        });
        for change in changes {
            match *change {
                Change::Arc(from, to) if naive.arcs.contains(&(from, to)) => {}
                Change::Arc(from, to) => {
                    topology.add_arc(from, to);
                    naive.arcs.push((from, to));
                }
                Change::Renew(node) => {
                    topology.remove_node(node, |_, from, to| {
                        naive.arcs.retain(|&arc| arc != (from, to));
                    });
                    assert_eq!(topology.add_node(), node);
                }
            }
            compare(&topology, &naive, nodes);
        }
    }

    fn compare(topology: &Topology, naive: &Naive, nodes: u32) {
        let listed: usize = (0..nodes).map(|node| topology.arcs_out(node).len()).sum();
        assert_eq!(listed, naive.arcs.len());
        for &(from, to) in &naive.arcs {
            assert!(
                topology.graph.level(from) <= topology.graph.level(to),
                "{from} -> {to}"
            );
        }
        for one in 0..nodes {
            for other in 0..nodes {
                assert_eq!(
                    topology.together(one, other),
                    naive.together(one, other),
                    "{one} and {other} in {:?}",
                    naive.arcs
                );
            }
        }
    }

    proptest! {
        #[test]
        fn cycles_are_those_of_a_plain_search(changes in prop::collection::vec(change(7, 0), 0..30)) {
            check(7, &changes);
        }

        #[test]
        fn cycles_are_those_of_a_plain_search_when_nodes_go(changes in prop::collection::vec(change(12, 3), 0..60)) {
            check(12, &changes);
        }
    }

    #[test]
    fn an_arc_within_a_cycle_lies_on_it_until_a_node_is_removed() {
        use Change::{Arc, Renew};
        check(
            3,
            &[
                Arc(0, 1),
                Arc(1, 2),
                Arc(2, 0),
                Arc(1, 0),
                Renew(2),
                Renew(0),
            ],
        );
    }

    /// A ring of a hundred nodes that has lost its node 50, but is still one group.
    fn broken_ring(topology: &mut Topology) -> Vec<u32> {
        let nodes: Vec<u32> = (0..100).map(|_| topology.add_node()).collect();
        for pair in nodes.windows(2) {
            topology.add_arc(pair[0], pair[1]);
        }
        topology.add_arc(nodes[99], nodes[0]);
        topology.remove_node(nodes[50], |_, _, _| {});
        nodes
    }

    /// A node of level 3, which is higher than the ring.
    fn raised(topology: &mut Topology) -> u32 {
        let nodes: Vec<u32> = (0..14).map(|_| topology.add_node()).collect();
        let mut pairs: Vec<&[u32]> = nodes.windows(2).collect();
        // A node with something after it is raised when a long chain is put before it.
        pairs.swap(5, 6);
        pairs.swap(11, 12);
        for pair in pairs {
            topology.add_arc(pair[0], pair[1]);
        }
        assert_eq!(topology.graph.level(nodes[12]), 3);
        nodes[12]
    }

    #[test]
    fn a_group_is_raised_as_one_even_at_a_loose_end() {
        let mut topology = Topology::default();
        let ring = broken_ring(&mut topology);
        let high = raised(&mut topology);
        topology.add_arc(high, ring[49]);
        assert_eq!(topology.graph.level(ring[49]), 3);
        assert_eq!(topology.graph.level(ring[48]), 3);
    }

    #[test]
    fn a_group_is_lowered_by_nothing() {
        let mut topology = Topology::default();
        let ring = broken_ring(&mut topology);
        let level = topology.graph.level(ring[51]);
        let [low, end] = [topology.add_node(), topology.add_node()];
        topology.add_arc(low, end);
        topology.add_arc(ring[51], low);
        assert!(level > 1);
        assert_eq!(topology.graph.level(ring[51]), level);
        assert!(topology.graph.level(low) >= level);
    }

    #[test]
    fn a_large_knot_may_be_searched_late_but_never_too_early() {
        let mut topology = Topology::default();
        let nodes: Vec<u32> = (0..200).map(|_| topology.add_node()).collect();
        for pair in nodes.windows(2) {
            topology.add_arc(pair[0], pair[1]);
        }
        topology.add_arc(nodes[199], nodes[0]);
        topology.add_arc(nodes[1], nodes[0]);
        topology.remove_node(nodes[100], |_, _, _| {});
        assert!(topology.together(nodes[0], nodes[1]));
        for &node in &nodes[101..] {
            topology.remove_node(node, |_, _, _| {});
        }
        assert!(topology.together(nodes[0], nodes[1]));
        assert!(!topology.together(nodes[1], nodes[2]));
    }
}
