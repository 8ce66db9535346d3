//! The lock-order graph as a report carries it: classes of locks, and the orders in which they were taken.

use crate::record::record;
use crate::site::Site;

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
