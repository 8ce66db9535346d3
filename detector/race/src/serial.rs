//! Whether regions that were declared to be atomic ran as if nothing else had run meanwhile.
//!
//! **Follows** Flanagan, Freund and Yi, *Velodrome* (PLDI 2008): a region is one node, and so is every operation outside of
//! regions; conflicting operations on one thing make edges, and so does the order of each thread. A run is as good as one
//! in which the regions follow each other if and only if there is no ring. Unlike there, only operations on data make
//! edges, not those on locks: that a lock was given back in between breaks nothing by itself. Threads that a region
//! starts belong to it until it ends.
//!
//! **Finds** regions between two of whose steps others did something that fits neither before nor after the region.
//!
//! **Misses** what did not happen in this run, and read-modify-writes between each other: they commute unless somebody
//! uses what they return, which nobody sees. And all that was not declared: a value read in one critical section and acted on
//! in another of the same lock looks as right as it may be. Whether the second section reads the value again before it
//! writes cannot be told, as a guard only says that the value was borrowed, and `&mut` serves for both. Where that could be
//! told, as with cells, it would say little: whoever clears, publishes or renews a value writes it without a look, rightly, and
//! had often read it before (a cache that is filled outside of its lock, a state that several threads may set). Whether
//! the write depended on what was read is known to the program alone, and `atomic_region` is how it says so.
//!
//! **False alarms** where `&mut` to a lock's value only reads, or where writes in between write what was there; and where
//! memory is used for another atomic before the region ends.

pub mod finding;

use std::collections::BTreeMap;

/// What an operation does to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It reads.
    Reads,
    /// It writes, whatever was there.
    Writes,
    /// It reads and writes in one step, in a way that commutes with others of its kind.
    Updates,
}

impl Effect {
    /// Whether the order of two such operations on one thing matters.
    fn conflicts(self, other: Self) -> bool {
        self == Self::Writes || self != other
    }
}

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<S> {
    /// Who did it.
    pub thread: u32,
    /// What it does.
    pub effect: Effect,
    /// Where, and whatever else a report says of it.
    pub site: S,
}

/// Two steps on one thing, the earlier first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict<K, S> {
    /// What both do something to.
    pub thing: K,
    /// The earlier.
    pub earlier: Step<S>,
    /// The later.
    pub later: Step<S>,
}

/// A region that something came between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken<K, S> {
    /// Where it was entered.
    pub entered: S,
    /// A step of the region, before something else.
    pub out: Conflict<K, S>,
    /// Something else, which comes after that, before a later step of the region.
    pub back: Conflict<K, S>,
}

/// The engine. Things are told apart by `K`.
#[derive(Debug)]
pub struct Serial<K, S> {
    nodes: BTreeMap<Id, Node<K, S>>,
    threads: BTreeMap<u32, Thread>,
    /// The steps that later ones may have to come after.
    things: BTreeMap<K, Vec<(Id, Step<S>)>>,
    next: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Id(u64);

/// A region, or operations of one thread outside of any.
#[derive(Debug)]
struct Node<K, S> {
    entered: Option<S>,
    is_open: bool,
    /// How many edges end here. What is over and has none can be in no ring.
    incoming: usize,
    edges: Vec<Edge<K, S>>,
}

#[derive(Debug)]
struct Edge<K, S> {
    to: Id,
    /// `None` where it is only the order of a thread.
    conflict: Option<Conflict<K, S>>,
}

#[derive(Debug, Default)]
struct Thread {
    /// The region that it has entered.
    own: Option<Id>,
    /// The region that it was started in.
    host: Option<Id>,
    /// How many regions of its own it is in, one in the other.
    depth: usize,
    /// What it was in last.
    last: Option<Id>,
}

impl<K, S> Serial<K, S> {
    /// No regions yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            nodes: BTreeMap::new(),
            threads: BTreeMap::new(),
            things: BTreeMap::new(),
            next: 0,
        }
    }
}

impl<K, S> Default for Serial<K, S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord + Copy, S: Copy> Serial<K, S> {
    /// The thread enters a region. One inside another is part of it.
    pub fn enter(&mut self, thread: u32, site: S) {
        let here = self.region(thread);
        let before = self.threads.get(&thread).and_then(|thread| thread.last);
        let life = self.threads.entry(thread).or_default();
        life.depth += 1;
        if here.is_none() {
            let id = self.add(Some(site));
            self.threads.entry(thread).or_default().own = Some(id);
            self.follow(before, id);
        }
    }

    /// The thread leaves the region that it entered last.
    pub fn leave(&mut self, thread: u32) {
        let Some(life) = self.threads.get_mut(&thread) else {
            return;
        };
        life.depth = life.depth.saturating_sub(1);
        if life.depth == 0
            && let Some(id) = life.own.take()
        {
            life.last = Some(id);
            if let Some(node) = self.nodes.get_mut(&id) {
                node.is_open = false;
            }
            self.forget(id);
        }
    }

    /// A thread starts another: what the new one does is part of the region that the first one is in.
    pub fn fork(&mut self, parent: u32, child: u32) {
        if let Some(region) = self.region(parent) {
            self.threads.entry(child).or_default().host = Some(region);
        }
    }

    /// The thread has ended, and the regions that it was in with it.
    pub fn end(&mut self, thread: u32) {
        while self.threads.get(&thread).is_some_and(|life| life.depth > 0) {
            self.leave(thread);
        }
        self.threads.remove(&thread);
    }

    /// A thread does something to a thing. Returns the region that this breaks.
    pub fn step(&mut self, thing: K, step: Step<S>) -> Option<Broken<K, S>> {
        let earlier = self.conflicts(thing, step);
        let region = self.region(step.thread);
        let node = match region {
            Some(region) => Some(region),
            None => self.outside(step.thread, &earlier),
        };
        let node = node?;
        let mut broken = None;
        for (from, conflict) in earlier.into_iter().filter(|&(from, _)| from != node) {
            match self.closes(from, node, conflict) {
                // What closes a ring is told, and left out.
                Some(ring) => broken = broken.or(Some(ring)),
                None => self.link(from, node, Some(conflict)),
            }
        }
        let steps = self.things.entry(thing).or_default();
        if step.effect == Effect::Writes {
            steps.clear();
        }
        steps.retain(|(_, old)| old.thread != step.thread || old.effect != step.effect);
        steps.push((node, step));
        broken
    }

    /// The region that the thread is in.
    fn region(&mut self, thread: u32) -> Option<Id> {
        let life = self.threads.get_mut(&thread)?;
        if let Some(host) = life.host {
            if self.nodes.get(&host).is_some_and(|node| node.is_open) {
                return Some(host);
            }
            life.host = None;
            life.last = Some(host);
        }
        life.own
    }

    /// The steps of others that this one comes after.
    fn conflicts(&mut self, thing: K, step: Step<S>) -> Vec<(Id, Conflict<K, S>)> {
        let Some(steps) = self.things.get_mut(&thing) else {
            return Vec::new();
        };
        steps.retain(|(id, _)| self.nodes.contains_key(id));
        if steps.is_empty() {
            self.things.remove(&thing);
            return Vec::new();
        }
        let conflicts = steps.iter().filter(|(_, earlier)| {
            earlier.thread != step.thread && earlier.effect.conflicts(step.effect)
        });
        let conflict = |&(id, earlier): &(Id, Step<S>)| {
            let conflict = Conflict {
                thing,
                earlier,
                later: step,
            };
            (id, conflict)
        };
        conflicts.map(conflict).collect()
    }

    /// A node for an operation outside of regions; `None` if it can be in no ring.
    fn outside(&mut self, thread: u32, earlier: &[(Id, Conflict<K, S>)]) -> Option<Id> {
        let life = self.threads.get(&thread);
        let last = life.and_then(|life| life.last);
        let last = last.filter(|last| self.nodes.contains_key(last));
        if earlier.is_empty() {
            // What comes after nothing but an operation of the same kind is as good as one with it.
            let is_outside = |last: &Id| self.nodes[last].entered.is_none();
            if last.is_none() || last.as_ref().is_some_and(is_outside) {
                return last;
            }
        }
        let id = self.add(None);
        self.follow(last, id);
        self.threads.entry(thread).or_default().last = Some(id);
        Some(id)
    }

    fn add(&mut self, entered: Option<S>) -> Id {
        let id = Id(self.next);
        self.next += 1;
        let node = Node {
            entered,
            is_open: entered.is_some(),
            incoming: 0,
            edges: Vec::new(),
        };
        self.nodes.insert(id, node);
        id
    }

    /// The thread's own order.
    fn follow(&mut self, before: Option<Id>, id: Id) {
        if let Some(before) = before {
            self.link(before, id, None);
        }
    }

    fn link(&mut self, from: Id, to: Id, conflict: Option<Conflict<K, S>>) {
        let Some(node) = self.nodes.get_mut(&from) else {
            return;
        };
        if node.edges.iter().any(|edge| edge.to == to) {
            return;
        }
        node.edges.push(Edge { to, conflict });
        if let Some(node) = self.nodes.get_mut(&to) {
            node.incoming += 1;
        }
    }

    /// The region that an edge closes a ring through.
    fn closes(&self, from: Id, to: Id, back: Conflict<K, S>) -> Option<Broken<K, S>> {
        let region = &self.nodes[&to];
        let entered = region.entered?;
        let out = region.edges.iter().find(|edge| self.leads(edge.to, from))?;
        Some(Broken {
            entered,
            out: out.conflict?,
            back,
        })
    }

    /// Whether edges lead from one node to another.
    fn leads(&self, from: Id, to: Id) -> bool {
        let mut seen = vec![from];
        let mut at = 0;
        while let Some(&id) = seen.get(at) {
            if id == to {
                return true;
            }
            at += 1;
            let edges = self.nodes.get(&id).map_or(&[][..], |node| &node.edges);
            for edge in edges {
                if !seen.contains(&edge.to) {
                    seen.push(edge.to);
                }
            }
        }
        false
    }

    /// Forgets the node, and what only it kept, if it can be in no ring any more.
    fn forget(&mut self, id: Id) {
        let mut over = vec![id];
        while let Some(id) = over.pop() {
            let is_over = |node: &Node<K, S>| !node.is_open && node.incoming == 0;
            if !self.nodes.get(&id).is_some_and(is_over) {
                continue;
            }
            let edges = self.nodes.remove(&id).map(|node| node.edges);
            for edge in edges.into_iter().flatten() {
                if let Some(node) = self.nodes.get_mut(&edge.to) {
                    node.incoming -= 1;
                    over.push(edge.to);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};

    use super::{Effect, Serial, Step};

    /// What a thread does, in traces such as `1( 1r-x 2w-x 1)`: it enters or leaves a region, or does something to a thing;
    /// or it starts a thread, as in `1+2`.
    #[derive(Clone, Copy, Debug)]
    enum Deed {
        Enter,
        Leave,
        Fork(u32),
        Does(Effect, char),
    }

    fn parse(trace: &str) -> Vec<(u32, Deed)> {
        let deed = |word: &str| {
            let letters: Vec<char> = word.chars().collect();
            let number = |letter: char| letter.to_digit(10).unwrap();
            let deed = match letters[1] {
                '(' => Deed::Enter,
                ')' => Deed::Leave,
                '+' => Deed::Fork(number(letters[2])),
                'r' => Deed::Does(Effect::Reads, letters[3]),
                'w' => Deed::Does(Effect::Writes, letters[3]),
                _ => Deed::Does(Effect::Updates, letters[3]),
            };
            (number(letters[0]), deed)
        };
        trace.split_whitespace().map(deed).collect()
    }

    /// The places in the trace whose steps break a region, and how much is still known at the end.
    fn run(trace: &[(u32, Deed)]) -> (Vec<usize>, Serial<char, usize>) {
        let mut serial = Serial::new();
        let mut broken = Vec::new();
        for (site, &(thread, deed)) in trace.iter().enumerate() {
            match deed {
                Deed::Enter => serial.enter(thread, site),
                Deed::Leave => serial.leave(thread),
                Deed::Fork(child) => serial.fork(thread, child),
                Deed::Does(effect, thing) => {
                    let step = Step {
                        thread,
                        effect,
                        site,
                    };
                    broken.extend(serial.step(thing, step).map(|_| site));
                }
            }
        }
        (broken, serial)
    }

    fn breaks(trace: &str) -> bool {
        !run(&parse(trace)).0.is_empty()
    }

    #[test]
    fn what_fits_neither_before_nor_after_breaks_a_region() {
        assert!(breaks("1( 1r-x 2w-x 1w-x 1)"));
        assert!(breaks("1( 1w-x 2r-x 1w-x 1)"));
        assert!(breaks("1( 1r-x 2w-x 1r-x 1)"));
        assert!(breaks("1( 1w-x 2w-x 1r-x 1)"));
        assert!(breaks("1( 1r-x 2w-x 2w-y 1r-y 1)"));
        assert!(breaks("1( 1r-x 2w-x 2w-y 3r-y 3w-z 1r-z 1)"));
        assert!(breaks("1( 2( 1r-x 2w-x 2r-y 1w-y 1) 2)"));
    }

    #[test]
    fn what_fits_breaks_nothing() {
        assert!(!breaks("1( 1r-x 2r-x 1r-x 1)"));
        assert!(!breaks("1( 1r-x 2w-y 1w-x 1)"));
        assert!(!breaks("1( 2w-x 1r-x 2w-y 1w-x 1)"));
        assert!(!breaks("1( 1r-x 2w-x 1) 1w-x"));
        assert!(!breaks("1r-x 2w-x 1w-x"));
    }

    #[test]
    fn updates_commute() {
        assert!(!breaks("1( 1u-x 2u-x 1u-x 1)"));
        assert!(!breaks("1( 1r-x 2u-x 1u-x 1)"));
        assert!(breaks("1( 2( 1r-x 2r-x 2u-x 1u-x 1) 2)"));
        assert!(breaks("1( 1u-x 2r-x 1u-x 1)"));
    }

    #[test]
    fn a_region_inside_another_is_part_of_it() {
        assert!(breaks("1( 1( 1r-x 1) 2w-x 1w-x 1)"));
        assert!(!breaks("1( 1( 1r-x 1) 1) 2w-x 1w-x"));
    }

    #[test]
    fn threads_that_a_region_starts_belong_to_it() {
        assert!(!breaks("1( 1w-x 1+2 2w-x 1r-x 1)"));
        assert!(breaks("1( 1w-x 1+2 3w-x 2r-x 1)"));
        assert!(!breaks("1( 1+2 2( 2r-x 2) 1) 3w-x 2w-x"));
    }

    #[test]
    fn what_can_be_in_no_ring_is_forgotten() {
        let trace = "1( 1r-x 2w-x 2w-y 3r-y 3w-y 1) 2( 2w-x 2) 3r-x 3w-y";
        let (_, serial) = run(&parse(trace));
        assert!(serial.nodes.is_empty(), "{serial:?}");
    }

    /// Whether regions break, by the definition: all nodes and all conflicts, and a search for a ring.
    fn has_ring(trace: &[(u32, Deed)]) -> bool {
        let mut depth = [0_usize; 3];
        let mut current = [0; 3];
        let mut nodes: Vec<(usize, u32, Effect, char)> = Vec::new();
        for (site, &(thread, deed)) in trace.iter().enumerate() {
            let who = thread as usize;
            if depth[who] == 0 {
                current[who] = site;
            }
            match deed {
                Deed::Enter => depth[who] += 1,
                Deed::Leave => depth[who] = depth[who].saturating_sub(1),
                Deed::Does(effect, thing) => nodes.push((current[who], thread, effect, thing)),
                Deed::Fork(_) => {}
            }
        }
        let mut edges = BTreeSet::new();
        for (at, later) in nodes.iter().enumerate() {
            for earlier in &nodes[..at] {
                let same = earlier.1 == later.1;
                let conflict = earlier.3 == later.3 && earlier.2.conflicts(later.2);
                if earlier.0 != later.0 && (same || conflict) {
                    edges.insert((earlier.0, later.0));
                }
            }
        }
        let all: BTreeSet<usize> = nodes.iter().map(|node| node.0).collect();
        for &middle in &all {
            for &from in &all {
                for &to in &all {
                    if edges.contains(&(from, middle)) && edges.contains(&(middle, to)) {
                        edges.insert((from, to));
                    }
                }
            }
        }
        all.iter().any(|&node| edges.contains(&(node, node)))
    }

    fn traces() -> impl Strategy<Value = Vec<(u32, Deed)>> {
        let deed = (0..8_u8, 0..3_usize).prop_map(|(kind, thing)| {
            let does = |effect| Deed::Does(effect, ['x', 'y', 'z'][thing]);
            match kind {
                0 => Deed::Enter,
                1 => Deed::Leave,
                2..5 => does(Effect::Reads),
                5 | 6 => does(Effect::Writes),
                _ => does(Effect::Updates),
            }
        });
        vec((any::<u32>().prop_map(|thread| thread % 3), deed), 0..24)
    }

    proptest! {
        #[test]
        fn regions_break_where_the_definition_says_so(trace in traces()) {
            prop_assert_eq!(!run(&trace).0.is_empty(), has_ring(&trace), "{:?}", trace);
        }
    }
}
