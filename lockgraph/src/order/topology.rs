//! A directed graph that grows arc by arc and knows at once which arcs lie on cycles.
//!
//! **Follows** Bender, Fineman, Gilbert and Tarjan, "A New Approach to Incremental Cycle Detection and Related
//! Problems" (2016), the algorithm for sparse graphs: every node has a level, no arc leads to a lower one, and a new
//! arc is tried by a bounded search backward within one level and then a search forward that raises levels. Where it
//! closes a cycle, its nodes melt into a group that is searched as one node (union-find by relabelling the smaller
//! side). Deviations: the arcs into a node are not sorted by level but filtered while scanned; nodes at a free end are
//! put in place without a search; nodes can be removed, and a large group is then split late (see [`Group`]).

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::{FxHashMap, FxHashSet};

/// The group of a node that is on no cycle.
const ALONE: u32 = u32::MAX;

/// Groups up to this size are split exactly whenever a node leaves them.
const SMALL_GROUP: usize = 32;

/// The graph. Nodes and arcs are small numbers that are used again after removal.
#[derive(Debug, Default)]
pub(crate) struct Topology {
    nodes: Vec<Node>,
    free_nodes: Vec<u32>,
    arcs: Vec<Ends>,
    free_arcs: Vec<u32>,
    groups: Vec<Group>,
    free_groups: Vec<u32>,
    stamp: u32,
    stack: Vec<u32>,
}

/// An arc as one of its ends sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    /// The node at the other end.
    pub(crate) node: u32,
    /// The arc.
    pub(crate) arc: u32,
}

/// A node, kept together in one cache line because searches read all of it.
#[derive(Debug)]
#[repr(align(64))]
struct Node {
    /// The node itself, so that a lone node can be lent as a list of one.
    own: u32,
    level: u32,
    group: u32,
    mark: u32,
    out: Vec<Link>,
    into: Vec<Link>,
}

/// The ends of an arc, and its places in their lists.
#[derive(Clone, Copy, Debug)]
struct Ends {
    from: u32,
    to: u32,
    out_at: u32,
    into_at: u32,
}

/// Nodes on common cycles, all of one level.
///
/// After a removal a large group is left as it is until half of it has gone, so that dropping all locks of a large
/// knot stays linear. Until then it may hold nodes that are on no cycle any more, which costs searches, not truth.
#[derive(Debug, Default)]
struct Group {
    members: Vec<u32>,
    removed: usize,
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

/// Which way to follow arcs.
#[derive(Clone, Copy)]
enum Way {
    Forward,
    Backward,
}

impl Topology {
    /// Adds a node without arcs.
    pub(crate) fn add_node(&mut self) -> u32 {
        if let Some(node) = self.free_nodes.pop() {
            self.nodes[node as usize] = Node::new(node);
            return node;
        }
        let node = small(self.nodes.len());
        self.nodes.push(Node::new(node));
        node
    }

    /// Adds an arc; its number is the lowest that is free.
    pub(crate) fn add_arc(&mut self, from: u32, to: u32) -> u32 {
        let arc = self.link(from, to);
        if from != to {
            self.settle(from, to);
        }
        arc
    }

    /// Removes a node with all its arcs, and tells them.
    pub(crate) fn remove_node(&mut self, node: u32, mut gone: impl FnMut(u32, u32, u32)) {
        let lists = [self.arcs_out(node), self.arcs_into(node)];
        let mut arcs: Vec<u32> = lists.into_iter().flatten().map(|link| link.arc).collect();
        arcs.sort_unstable();
        arcs.dedup();
        for arc in arcs {
            let Ends { from, to, .. } = self.arcs[arc as usize];
            self.unlink(arc);
            gone(arc, from, to);
        }
        // A hub's lists are large; the next lock in this slot need not be one.
        self.nodes[node as usize].out = Vec::new();
        self.nodes[node as usize].into = Vec::new();
        self.leave_group(node);
        self.free_nodes.push(node);
    }

    /// The arcs out of a node.
    pub(crate) fn arcs_out(&self, node: u32) -> &[Link] {
        &self.nodes[node as usize].out
    }

    /// The arcs into a node.
    pub(crate) fn arcs_into(&self, node: u32) -> &[Link] {
        &self.nodes[node as usize].into
    }

    /// The ends of an arc.
    pub(crate) fn ends(&self, arc: u32) -> (u32, u32) {
        let ends = self.arcs[arc as usize];
        (ends.from, ends.to)
    }

    /// Whether a cycle may lead through both nodes.
    pub(crate) fn together(&self, one: u32, other: u32) -> bool {
        one == other || {
            let group = self.nodes[one as usize].group;
            group != ALONE && group == self.nodes[other as usize].group
        }
    }

    fn link(&mut self, from: u32, to: u32) -> u32 {
        let ends = Ends {
            from,
            to,
            out_at: small(self.nodes[from as usize].out.len()),
            into_at: small(self.nodes[to as usize].into.len()),
        };
        let arc = match self.free_arcs.pop() {
            Some(arc) => {
                self.arcs[arc as usize] = ends;
                arc
            }
            None => {
                self.arcs.push(ends);
                small(self.arcs.len() - 1)
            }
        };
        self.nodes[from as usize].out.push(Link { node: to, arc });
        self.nodes[to as usize].into.push(Link { node: from, arc });
        arc
    }

    fn unlink(&mut self, arc: u32) {
        let ends = self.arcs[arc as usize];
        let out = &mut self.nodes[ends.from as usize].out;
        out.swap_remove(ends.out_at as usize);
        if let Some(moved) = out.get(ends.out_at as usize) {
            self.arcs[moved.arc as usize].out_at = ends.out_at;
        }
        let into = &mut self.nodes[ends.to as usize].into;
        into.swap_remove(ends.into_at as usize);
        if let Some(moved) = into.get(ends.into_at as usize) {
            self.arcs[moved.arc as usize].into_at = ends.into_at;
        }
        self.free_arcs.push(arc);
    }

    /// Restores the order of levels after a new arc, and melts the cycle it closes, if any.
    fn settle(&mut self, v: u32, w: u32) {
        let (level_v, level_w) = (self.level(v), self.level(w));
        if level_v < level_w || self.together(v, w) {
            return;
        }
        if self.nodes[w as usize].out.is_empty() && self.is_alone(w) {
            self.nodes[w as usize].level = level_v;
            return;
        }
        if self.nodes[v as usize].into.is_empty() && self.is_alone(v) {
            self.nodes[v as usize].level = level_w;
            return;
        }
        let target = match self.search_backward(v, w) {
            Backward::Met => return self.melt(v, w),
            Backward::Exhausted if level_v == level_w => return,
            Backward::Exhausted => level_v,
            Backward::Cut => level_v + 1,
        };
        if self.search_forward(v, w, target) {
            self.melt(v, w);
        }
    }

    fn level(&self, node: u32) -> u32 {
        self.nodes[node as usize].level
    }

    fn is_alone(&self, node: u32) -> bool {
        self.nodes[node as usize].group == ALONE
    }

    /// The bound of the paper: the backward search may see Δ ≈ √m arcs. The factor is measured: a search that does
    /// not end soon seldom ends at all.
    fn bound(&self) -> usize {
        ((self.arcs.len() - self.free_arcs.len()).isqrt() / 16).max(4)
    }

    /// Marks what leads to `v` within its level.
    fn search_backward(&mut self, v: u32, w: u32) -> Backward {
        self.next_stamp();
        let level = self.level(v);
        let mut budget = self.bound();
        self.stack.clear();
        self.enter(v);
        while let Some(x) = self.stack.pop() {
            for at in 0..self.nodes[x as usize].into.len() {
                let p = self.nodes[x as usize].into[at].node;
                if budget == 0 {
                    return Backward::Cut;
                }
                budget -= 1;
                let place = &self.nodes[p as usize];
                if place.level != level || place.mark == self.stamp {
                    continue;
                }
                if self.together(p, w) {
                    return Backward::Met;
                }
                self.enter(p);
            }
        }
        Backward::Exhausted
    }

    /// Marks a node, with its group, and puts it on the stack.
    fn enter(&mut self, node: u32) {
        let group = self.nodes[node as usize].group;
        if group == ALONE {
            self.nodes[node as usize].mark = self.stamp;
            self.stack.push(node);
            return;
        }
        for &member in &self.groups[group as usize].members {
            self.nodes[member as usize].mark = self.stamp;
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
            for at in 0..self.nodes[x as usize].out.len() {
                let y = self.nodes[x as usize].out[at].node;
                let place = &self.nodes[y as usize];
                met |= place.mark == self.stamp || self.together(y, v);
                if place.level < target {
                    self.raise(y, target);
                }
            }
        }
        met
    }

    /// Lifts a node, with its group, and puts it on the stack.
    fn raise(&mut self, node: u32, level: u32) {
        let group = self.nodes[node as usize].group;
        if group == ALONE {
            self.nodes[node as usize].level = level;
            self.stack.push(node);
            return;
        }
        for &member in &self.groups[group as usize].members {
            self.nodes[member as usize].level = level;
            self.stack.push(member);
        }
    }

    fn next_stamp(&mut self) {
        if self.stamp == u32::MAX {
            for node in &mut self.nodes {
                node.mark = 0;
            }
            self.stamp = 0;
        }
        self.stamp += 1;
    }

    /// Melts all that lies on paths from `w` to `v` into one group: they are on one level.
    fn melt(&mut self, v: u32, w: u32) {
        // The larger side is the goal, because the goal is not searched.
        let nodes = if self.members(v).len() >= self.members(w).len() {
            self.between(w, v, Way::Forward)
        } else {
            self.between(v, w, Way::Backward)
        };
        let largest = nodes
            .iter()
            .copied()
            .max_by_key(|&node| self.members(node).len())
            .expect("a cycle has nodes");
        let group = self.group_of(largest);
        for node in nodes {
            self.move_into(node, group);
        }
    }

    /// One node of each group, or lone node, on the paths from `start` to `goal` within their level.
    fn between(&self, start: u32, goal: u32, way: Way) -> Vec<u32> {
        let (start, goal) = (self.members(start)[0], self.members(goal)[0]);
        let mut before: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        let mut seen = FxHashSet::from_iter([start]);
        let mut stack = vec![start];
        while let Some(node) = stack.pop() {
            for next in self.neighbours(node, way) {
                before.entry(next).or_default().push(node);
                if next != goal && seen.insert(next) {
                    stack.push(next);
                }
            }
        }
        let mut found = FxHashSet::from_iter([goal]);
        let mut stack = vec![goal];
        while let Some(node) = stack.pop() {
            for &previous in before.get(&node).into_iter().flatten() {
                if found.insert(previous) {
                    stack.push(previous);
                }
            }
        }
        found.into_iter().collect()
    }

    /// The first members of the groups next to this group within its level.
    fn neighbours(&self, node: u32, way: Way) -> impl Iterator<Item = u32> {
        let level = self.level(node);
        self.members(node)
            .iter()
            .flat_map(move |&member| match way {
                Way::Forward => self.arcs_out(member),
                Way::Backward => self.arcs_into(member),
            })
            .filter(move |link| self.level(link.node) == level)
            .map(|link| self.members(link.node)[0])
            .filter(move |&next| next != node)
    }

    /// The nodes that are searched together with this one, itself included.
    fn members(&self, node: u32) -> &[u32] {
        let place = &self.nodes[node as usize];
        match place.group {
            ALONE => std::slice::from_ref(&place.own),
            group => &self.groups[group as usize].members,
        }
    }

    /// The group of a node, made for it if it is alone.
    fn group_of(&mut self, node: u32) -> u32 {
        let known = self.nodes[node as usize].group;
        if known != ALONE {
            return known;
        }
        let group = self.free_groups.pop().unwrap_or_else(|| {
            self.groups.push(Group::default());
            small(self.groups.len() - 1)
        });
        self.groups[group as usize].members.push(node);
        self.nodes[node as usize].group = group;
        group
    }

    /// Moves a node, with its group, into another group.
    fn move_into(&mut self, node: u32, group: u32) {
        let old = self.nodes[node as usize].group;
        let moved = match old {
            _ if old == group => return,
            ALONE => vec![node],
            _ => self.dissolve(old),
        };
        for &node in &moved {
            self.nodes[node as usize].group = group;
        }
        self.groups[group as usize].members.extend(moved);
    }

    /// Ends a group, and returns its members, now alone.
    fn dissolve(&mut self, group: u32) -> Vec<u32> {
        let members = std::mem::take(&mut self.groups[group as usize]).members;
        for &member in &members {
            self.nodes[member as usize].group = ALONE;
        }
        self.free_groups.push(group);
        members
    }

    fn leave_group(&mut self, node: u32) {
        let number = std::mem::replace(&mut self.nodes[node as usize].group, ALONE);
        if number == ALONE {
            return;
        }
        let group = &mut self.groups[number as usize];
        group.members.retain(|&member| member != node);
        group.removed += 1;
        let left = group.members.len();
        if left <= SMALL_GROUP || group.removed >= left {
            self.split(number);
        }
    }

    /// Splits a group into what still lies on common cycles. All of it is on one level, so the order stands.
    fn split(&mut self, group: u32) {
        let members = self.dissolve(group);
        let places: FxHashMap<u32, NodeIndex> = members
            .iter()
            .copied()
            .zip((0..).map(NodeIndex::new))
            .collect();
        let arcs = members.iter().flat_map(|&from| {
            self.nodes[from as usize]
                .out
                .iter()
                .filter_map(|link| places.get(&link.node))
                .map(|&to| (places[&from], to))
                .collect::<Vec<_>>()
        });
        let mut inner = DiGraph::<(), ()>::with_capacity(members.len(), 0);
        members.iter().for_each(|_| {
            inner.add_node(());
        });
        inner.extend_with_edges(arcs);
        for component in tarjan_scc(&inner) {
            if let [first, rest @ ..] = component.as_slice()
                && !rest.is_empty()
            {
                let group = self.group_of(members[first.index()]);
                for node in rest {
                    self.move_into(members[node.index()], group);
                }
            }
        }
    }
}

impl Node {
    fn new(own: u32) -> Self {
        Self {
            own,
            level: 1,
            group: ALONE,
            mark: 0,
            out: Vec::new(),
            into: Vec::new(),
        }
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).expect("a graph has fewer than 4 billion parts")
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
            assert!(topology.level(from) <= topology.level(to), "{from} -> {to}");
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
