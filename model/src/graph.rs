//! The lock-order graph as a report carries it: classes of locks, and the orders in which they were taken.

use std::collections::HashMap;

use crate::record::record;
use crate::site::Site;

/// How many occurrences an edge keeps when graphs are merged.
const OCCURRENCES: usize = 16;

record! {
    /// All locks that share a name or a creation site.
    pub struct Class {
        /// The name to show, if its maker gave one or the source told.
        pub name: Option<String>,
        /// What it is: `Mutex`, `RwLock`, `Once`.
        pub kind: String,
        /// Where its locks are made, if it has no name.
        pub created: Option<Site>,
        /// Where a lock of it was first acquired: its name can be read from the source there.
        pub used: Option<Site>,
    }
}

record! {
    /// While a lock of one class was held, a lock of another was asked for.
    pub struct Edge {
        /// The class held, as an index into [`Graph::classes`].
        pub from: usize,
        /// The class asked for, as an index into [`Graph::classes`].
        pub to: usize,
        /// The ways in which this order was seen, each from another thread family or under other gates.
        pub occurrences: Vec<Occurrence>,
        /// How many pairs of locks were taken in this order.
        pub count: u64,
    }
}

record! {
    /// One way in which an order was seen.
    pub struct Occurrence {
        /// Where the first lock was taken.
        pub held: Site,
        /// Whether the first lock was held together with other readers.
        pub held_shared: bool,
        /// Where the second was asked for.
        pub acquired: Site,
        /// Whether the second was asked for together with other readers.
        pub acquired_shared: bool,
        /// Whether the second was only tried.
        pub tried: bool,
        /// The thread that did it, by name or number.
        pub thread: String,
        /// The test, or the thread that everything in it descends from; two different ones share no locks by rule.
        pub test: String,
        /// The process it was seen in.
        pub process: String,
        /// The classes of the other locks held exclusively, as indices into [`Graph::classes`].
        pub gates: Vec<usize>,
    }
}

record! {
    /// A cycle that cannot deadlock.
    pub struct Innocent {
        /// The classes around the cycle, as indices into [`Graph::classes`]; the first is not repeated.
        pub classes: Vec<usize>,
        /// Why it cannot: one gate, one thread, order by fork and join, readers only, a try that would not block.
        pub reason: String,
        /// Where each lock of the cycle is asked for.
        pub sites: Vec<Site>,
        /// How many cycles of instances this stands for.
        pub count: u64,
    }
}

record! {
    /// The lock-order graph.
    pub struct Graph {
        /// The nodes.
        pub classes: Vec<Class>,
        /// The orders seen.
        pub edges: Vec<Edge>,
        /// The cycles that cannot deadlock, and why.
        pub innocent: Vec<Innocent>,
    }
}

impl Class {
    /// A class of locks of this kind.
    #[must_use]
    pub fn new(
        kind: impl Into<String>,
        name: Option<String>,
        created: Option<Site>,
        used: Option<Site>,
    ) -> Self {
        Self {
            name,
            kind: kind.into(),
            created,
            used,
        }
    }

    /// The name to show: its own, else what it is and where it is made.
    #[must_use]
    pub fn display(&self) -> String {
        match (&self.name, self.created.as_ref().or(self.used.as_ref())) {
            (Some(name), _) => name.clone(),
            (None, Some(site)) => format!("{} at {}:{}", self.kind, site.file, site.line),
            (None, None) => self.kind.clone(),
        }
    }
}

impl Edge {
    /// An edge between two classes, not yet seen.
    #[must_use]
    pub fn new(from: usize, to: usize) -> Self {
        Self {
            from,
            to,
            ..Self::default()
        }
    }
}

impl Innocent {
    /// A cycle through these classes that cannot deadlock for this reason.
    #[must_use]
    pub fn new(classes: Vec<usize>, reason: impl Into<String>, sites: Vec<Site>) -> Self {
        Self {
            classes,
            reason: reason.into(),
            sites,
            count: 1,
        }
    }
}

impl Graph {
    /// Takes in the graph of another process.
    pub fn merge(&mut self, other: Self) {
        let mut merger = Merger::new(std::mem::take(self));
        merger.add(other);
        *self = merger.graph;
    }
}

/// One graph of many.
#[must_use]
pub fn merge(graphs: impl IntoIterator<Item = Graph>) -> Graph {
    let mut merger = Merger::new(Graph::default());
    graphs.into_iter().for_each(|graph| merger.add(graph));
    merger.graph
}

/// A graph with its classes, edges and innocent cycles by what they are.
struct Merger {
    graph: Graph,
    classes: HashMap<(String, Option<String>, Option<Site>), usize>,
    edges: HashMap<(usize, usize), usize>,
    innocent: HashMap<(Vec<usize>, Vec<Site>, String), usize>,
}

impl Merger {
    fn new(graph: Graph) -> Self {
        let mut merger = Self {
            graph: Graph::default(),
            classes: HashMap::new(),
            edges: HashMap::new(),
            innocent: HashMap::new(),
        };
        merger.add(graph);
        merger
    }

    fn add(&mut self, other: Graph) {
        let places: Vec<usize> = other
            .classes
            .into_iter()
            .map(|class| self.class(class))
            .collect();
        // A foreign file may name classes that it does not have.
        let place = |class: usize| places.get(class).copied();
        for edge in other.edges {
            if let (Some(from), Some(to)) = (place(edge.from), place(edge.to)) {
                self.edge(from, to, edge, &place);
            }
        }
        for mut innocent in other.innocent {
            innocent.classes = innocent
                .classes
                .iter()
                .filter_map(|&class| place(class))
                .collect();
            self.innocent(innocent);
        }
    }

    fn class(&mut self, class: Class) -> usize {
        let key = (
            class.kind.clone(),
            class.name.clone(),
            class.created.clone(),
        );
        *self.classes.entry(key).or_insert_with(|| {
            self.graph.classes.push(class);
            self.graph.classes.len() - 1
        })
    }

    fn edge(
        &mut self,
        from: usize,
        to: usize,
        edge: Edge,
        place: &impl Fn(usize) -> Option<usize>,
    ) {
        let index = *self.edges.entry((from, to)).or_insert_with(|| {
            self.graph.edges.push(Edge::new(from, to));
            self.graph.edges.len() - 1
        });
        let known = &mut self.graph.edges[index];
        known.count += edge.count;
        for mut occurrence in edge.occurrences {
            occurrence.gates = occurrence
                .gates
                .iter()
                .filter_map(|&gate| place(gate))
                .collect();
            occurrence.gates.sort_unstable();
            known.add(occurrence);
        }
    }

    fn innocent(&mut self, innocent: Innocent) {
        let key = (
            innocent.classes.clone(),
            innocent.sites.clone(),
            innocent.reason.clone(),
        );
        match self.innocent.get(&key) {
            Some(&index) => self.graph.innocent[index].count += innocent.count,
            None => {
                self.innocent.insert(key, self.graph.innocent.len());
                self.graph.innocent.push(innocent);
            }
        }
    }
}

impl Edge {
    /// Adds an occurrence; where there are too many, one whose test has another makes room for one of a new test.
    fn add(&mut self, new: Occurrence) {
        if self.occurrences.contains(&new) {
            return;
        }
        if self.occurrences.len() < OCCURRENCES {
            self.occurrences.push(new);
            return;
        }
        let of_test = |test: (&str, &str)| {
            let all = self.occurrences.iter();
            all.filter(|seen| seen.family() == test).count()
        };
        let double = self
            .occurrences
            .iter()
            .position(|seen| of_test(seen.family()) > 1);
        if of_test(new.family()) == 0
            && let Some(place) = double
        {
            self.occurrences[place] = new;
        }
    }
}

impl Occurrence {
    /// The process and the test: two different ones share no locks by rule.
    fn family(&self) -> (&str, &str) {
        (&self.process, &self.test)
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Edge, Graph, Innocent, Occurrence, merge};

    /// A graph of two named classes with one edge, seen in this test.
    fn graph(from: &str, to: &str, test: &str) -> Graph {
        let mut edge = Edge::new(0, 1);
        edge.count = 1;
        edge.occurrences.push(Occurrence {
            test: test.to_owned(),
            gates: vec![1],
            ..Occurrence::default()
        });
        Graph {
            classes: [from, to]
                .map(|name| Class::new("Mutex", Some(name.to_owned()), None, None))
                .into(),
            edges: vec![edge],
            innocent: vec![Innocent::new(vec![0, 1], "why", vec![])],
        }
    }

    #[test]
    fn classes_are_the_same_by_name_and_kind() {
        let merged = merge([graph("a", "b", "x"), graph("b", "a", "y")]);
        let ends: Vec<_> = merged
            .edges
            .iter()
            .map(|edge| (edge.from, edge.to))
            .collect();
        assert_eq!(merged.classes.len(), 2);
        assert_eq!(ends, [(0, 1), (1, 0)]);
        assert_eq!(merged.edges[1].occurrences[0].gates, [0]);
        assert_eq!(merged.innocent[1].classes, [1, 0]);
    }

    #[test]
    fn counts_add_up_and_occurrences_differ() {
        let mut merged = graph("a", "b", "x");
        merged.merge(graph("a", "b", "x"));
        merged.merge(graph("a", "b", "y"));
        assert_eq!(merged.edges[0].count, 3);
        assert_eq!(merged.edges[0].occurrences.len(), 2);
        assert_eq!(merged.innocent[0].count, 3);
    }

    #[test]
    fn occurrences_are_bounded_but_a_new_test_finds_room() {
        let mut merged = Graph::default();
        for thread in 0..20 {
            let mut next = graph("a", "b", "x");
            next.edges[0].occurrences[0].thread = thread.to_string();
            merged.merge(next);
        }
        merged.merge(graph("a", "b", "y"));
        let seen = &merged.edges[0].occurrences;
        assert_eq!(seen.len(), super::OCCURRENCES);
        assert!(seen.iter().any(|seen| seen.test == "y"));
    }

    #[test]
    fn indices_out_of_range_are_left_out() {
        let mut broken = graph("a", "b", "x");
        broken.edges[0].to = 9;
        assert!(merge([broken]).edges.is_empty());
    }
}
