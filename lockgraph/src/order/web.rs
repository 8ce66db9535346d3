//! The web: live locks, and the orders in which they were taken.

use rustc_hash::FxHashMap;

use model::id::LockId;

use crate::order::edge::Edge;
use crate::order::occurrence::{Lock, Write};
use crate::order::places::{Place, Places};
use crate::order::topology::Topology;

/// From how many edges out of a node they are looked up instead of searched.
const WIDE: usize = 24;

/// How many writers a lock remembers.
const WRITES: usize = 8;

/// The graph of lock instances.
#[derive(Debug, Default)]
pub(crate) struct Web {
    pub(crate) topology: Topology,
    nodes: Vec<Node>,
    places: Places,
    edges: Vec<Edge>,
    /// The edges out of wide nodes by their ends.
    by_ends: FxHashMap<(u32, u32), u32>,
}

/// A live lock.
#[derive(Debug)]
struct Node {
    lock: Lock,
    writes: Vec<Write>,
}

impl Web {
    /// The place of a lock; `lock` describes it when it is new.
    pub(crate) fn place(&mut self, id: LockId, lock: impl FnOnce() -> Lock) -> Place {
        if let Some(place) = self.places.get(id) {
            return place;
        }
        let (number, lock) = (self.topology.add_node(), lock());
        let place = Place {
            node: number,
            class: lock.class,
        };
        self.places.insert(id, place);
        let node = Node {
            lock,
            writes: Vec::new(),
        };
        match self.nodes.get_mut(number as usize) {
            Some(free) => *free = node,
            None => self.nodes.push(node),
        }
        place
    }

    /// The node of a lock, if it has one.
    pub(crate) fn find(&self, id: LockId) -> Option<u32> {
        self.places.get(id).map(|place| place.node)
    }

    /// The lock at a node.
    pub(crate) fn lock(&self, node: u32) -> &Lock {
        &self.nodes[node as usize].lock
    }

    /// Who asked to write the lock at a node.
    pub(crate) fn writes(&self, node: u32) -> &[Write] {
        &self.nodes[node as usize].writes
    }

    /// An edge.
    pub(crate) fn edge(&self, arc: u32) -> &Edge {
        &self.edges[arc as usize]
    }

    /// The edge between two nodes.
    pub(crate) fn arc(&self, from: u32, to: u32) -> Option<u32> {
        let out = self.topology.arcs_out(from);
        if out.len() >= WIDE {
            return self.by_ends.get(&(from, to)).copied();
        }
        let link = out.iter().find(|link| link.node == to);
        link.map(|link| link.arc)
    }

    /// The edge between two nodes, made if there is none.
    pub(crate) fn arc_or_new(&mut self, from: u32, to: u32) -> u32 {
        if let Some(arc) = self.arc(from, to) {
            return arc;
        }
        let arc = self.topology.add_arc(from, to);
        self.index(from);
        match self.edges.get_mut(arc as usize) {
            Some(free) => *free = Edge::default(),
            None => self.edges.push(Edge::default()),
        }
        arc
    }

    /// Lists the newest edge out of a wide node by its ends, and with it all others if it has made the node wide.
    fn index(&mut self, from: u32) {
        let out = self.topology.arcs_out(from);
        let new = match out.len() {
            ..WIDE => return,
            WIDE => out,
            _ => &out[out.len() - 1..],
        };
        let by_ends = new.iter().map(|link| ((from, link.node), link.arc));
        self.by_ends.extend(by_ends);
    }

    /// An edge to add to.
    pub(crate) fn edge_mut(&mut self, arc: u32) -> &mut Edge {
        &mut self.edges[arc as usize]
    }

    /// Whether an edge may be part of a cycle.
    pub(crate) fn may_close(&self, arc: u32) -> bool {
        let (from, to) = self.topology.ends(arc);
        self.topology.together(from, to)
    }

    /// Remembers who asked to write a lock; returns its place unless it adds nothing.
    pub(crate) fn add_write(&mut self, node: u32, write: Write) -> Option<usize> {
        let known = &mut self.nodes[node as usize].writes;
        if known.iter().any(|known| known.covers(&write)) {
            return None;
        }
        let covered = known.iter().position(|known| write.covers(known));
        let place = match covered {
            Some(place) => place,
            None if known.len() < WRITES => known.len(),
            None => weakest(known, &write)?,
        };
        match known.get_mut(place) {
            Some(old) => *old = write,
            None => known.push(write),
        }
        Some(place)
    }

    /// Forgets a lock and all its edges.
    pub(crate) fn remove(&mut self, node: u32) {
        let (by_ends, edges) = (&mut self.by_ends, &mut self.edges);
        self.topology.remove_node(node, |arc, from, to| {
            by_ends.remove(&(from, to));
            edges[arc as usize] = Edge::default();
        });
        self.places.remove(self.nodes[node as usize].lock.id);
        self.nodes[node as usize].writes = Vec::new();
    }
}

/// The writer to give up for a new one: one that it outlives, or one whose thread has another if its own has none.
fn weakest(known: &[Write], new: &Write) -> Option<usize> {
    let thread = |write: &Write| write.actor.segment.thread();
    let count = |wanted| known.iter().filter(|write| thread(write) == wanted).count();
    let is_new = count(thread(new)) == 0;
    let mut outlived = known.iter();
    outlived
        .position(|known| known.is_outlived_by(new))
        .or_else(|| {
            let mut double = known.iter();
            double.position(|known| is_new && count(thread(known)) > 1)
        })
}

#[cfg(test)]
mod tests {
    use model::trace::parse;

    use crate::fold::LockOrder;

    /// Plays `t1: +a +x -x -a; u: +x +b -b -x ~x` for many `x` and `u`.
    fn many(rounds: usize) -> LockOrder {
        let mut engine = LockOrder::default();
        let rounds: Vec<String> = (0..rounds)
            .map(|x| format!("t1: +a +x{x} -x{x} -a; u{x}: +x{x} +b -b -x{x} ~x{x}"))
            .collect();
        let trace = parse(&rounds.join("; "));
        trace.events.iter().for_each(|event| engine.observe(event));
        engine
    }

    #[test]
    fn memory_follows_live_locks() {
        let engine = many(200);
        let web = &engine.order().web;
        assert_eq!(web.places.len(), 2);
        assert!(web.nodes.len() <= 4, "{} nodes", web.nodes.len());
        assert!(web.edges.len() <= 4, "{} edges", web.edges.len());
        let arc = web.arc(
            web.find(model::id::LockId(1)).unwrap(),
            web.find(model::id::LockId(3)).unwrap(),
        );
        let passages = web.edge(arc.unwrap()).passages().count();
        assert!(passages <= 8, "{passages} passages");
    }

    #[test]
    fn fewer_gates_take_the_place_of_more() {
        let trace = parse("t1: +g +a +b -b -a -g +a +b");
        let mut engine = LockOrder::default();
        trace.events.iter().for_each(|event| engine.observe(event));
        let web = &engine.order().web;
        let [a, b] = [2, 3].map(|lock| web.find(model::id::LockId(lock)).unwrap());
        assert_eq!(web.edge(web.arc(a, b).unwrap()).passages().count(), 1);
    }

    #[test]
    fn edges_of_a_hub_that_shrank_and_grew_again_are_found() {
        let mut engine = LockOrder::default();
        let first: Vec<String> = (0..30).map(|x| format!("+x{x} -x{x}")).collect();
        let gone: Vec<String> = (0..10).map(|x| format!("~x{x}")).collect();
        let later: Vec<String> = (0..10).map(|y| format!("+y{y} -y{y}")).collect();
        let (first, gone, later) = (first.join(" "), gone.join(" "), later.join(" "));
        let trace = parse(&format!("t1: +hub {first} -hub {gone} +hub {later} -hub"));
        trace.events.iter().for_each(|event| engine.observe(event));
        let web = &engine.order().web;
        let node = |lock| web.find(model::id::LockId(lock)).unwrap();
        let hub = node(1);
        for lock in 12..=41 {
            let arc = web.arc(hub, node(lock)).unwrap();
            assert_eq!(web.topology.ends(arc), (hub, node(lock)));
        }
    }

    #[test]
    fn edges_of_a_hub_are_found_like_others() {
        let mut engine = LockOrder::default();
        let inner: Vec<String> = (0..60).map(|x| format!("+x{x} -x{x}")).collect();
        let again = "t2: +x3 +hub -hub -x3; t2: +x59 +hub -hub -x59";
        let trace = parse(&format!("t1: +hub {} -hub; {again}", inner.join(" ")));
        trace.events.iter().for_each(|event| engine.observe(event));
        let web = &engine.order().web;
        let hub = web.find(model::id::LockId(1)).unwrap();
        let nodes = (1..=61).map(|lock| web.find(model::id::LockId(lock)).unwrap());
        for node in nodes.filter(|&node| node != hub) {
            let arc = web.arc(hub, node).unwrap();
            assert_eq!(web.topology.ends(arc), (hub, node));
        }
        assert_eq!(engine.finish().len(), 2);
    }
}
