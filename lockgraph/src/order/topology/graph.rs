//! The plain graph under the order: nodes, arcs, and who is on cycles with whom.

use smallvec::SmallVec;

/// The group of a node that is on no cycle.
pub(super) const ALONE: u32 = u32::MAX;

/// Nodes and arcs: small numbers that are used again after removal.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    free_nodes: Vec<u32>,
    arcs: Vec<Ends>,
    free_arcs: Vec<u32>,
    pub(super) groups: Vec<Group>,
    pub(super) free_groups: Vec<u32>,
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
pub(super) struct Node {
    /// The node itself, so that a lone node can be lent as a list of one.
    pub(super) own: u32,
    pub(super) level: u32,
    pub(super) group: u32,
    pub(super) mark: u32,
    pub(super) out: Links,
    pub(super) into: Links,
}

/// The arcs at one side of a node: most nodes have few, which fit where a vector keeps its pointer.
type Links = SmallVec<[Link; 2]>;

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
pub(super) struct Group {
    pub(super) members: Vec<u32>,
    pub(super) removed: usize,
}

impl Graph {
    /// Adds a node without arcs.
    pub(super) fn add_node(&mut self) -> u32 {
        if let Some(node) = self.free_nodes.pop() {
            self.nodes[node as usize] = Node::new(node);
            return node;
        }
        let node = small(self.nodes.len());
        self.nodes.push(Node::new(node));
        node
    }

    /// Removes a node that has left its group, with all its arcs, and tells them.
    pub(super) fn remove_node(&mut self, node: u32, mut gone: impl FnMut(u32, u32, u32)) {
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
        self.nodes[node as usize].out = Links::new();
        self.nodes[node as usize].into = Links::new();
        self.free_nodes.push(node);
    }

    /// The arcs out of a node.
    pub(super) fn arcs_out(&self, node: u32) -> &[Link] {
        &self.nodes[node as usize].out
    }

    /// The arcs into a node.
    pub(super) fn arcs_into(&self, node: u32) -> &[Link] {
        &self.nodes[node as usize].into
    }

    /// The ends of an arc.
    pub(super) fn ends(&self, arc: u32) -> (u32, u32) {
        let ends = self.arcs[arc as usize];
        (ends.from, ends.to)
    }

    /// Whether a cycle may lead through both nodes.
    pub(super) fn together(&self, one: u32, other: u32) -> bool {
        one == other || {
            let group = self.nodes[one as usize].group;
            group != ALONE && group == self.nodes[other as usize].group
        }
    }

    /// Adds an arc.
    pub(super) fn link(&mut self, from: u32, to: u32) -> u32 {
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

    pub(super) fn level(&self, node: u32) -> u32 {
        self.nodes[node as usize].level
    }

    pub(super) fn is_alone(&self, node: u32) -> bool {
        self.nodes[node as usize].group == ALONE
    }

    /// How many arcs there are.
    pub(super) fn size(&self) -> usize {
        self.arcs.len() - self.free_arcs.len()
    }

    /// The nodes that are searched together with this one, itself included.
    pub(super) fn members(&self, node: u32) -> &[u32] {
        let place = &self.nodes[node as usize];
        match place.group {
            ALONE => std::slice::from_ref(&place.own),
            group => &self.groups[group as usize].members,
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
            out: Links::new(),
            into: Links::new(),
        }
    }
}

pub(super) fn small(number: usize) -> u32 {
    u32::try_from(number).expect("a graph has fewer than 4 billion parts")
}
