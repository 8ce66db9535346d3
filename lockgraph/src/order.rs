//! The lock-order graph: the shared half of the engine.

mod topology;

use std::sync::Arc;

use model::clock::Segment;
use model::event::Attempt;
use model::finding::Finding;
use model::graph::Graph;
use model::id::LockId;

use crate::held::Held;

/// A number that stands for a captured backtrace; whoever captured it can resolve it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BacktraceId(pub u32);

/// Who acquires: what a report says of the thread.
#[derive(Clone, Debug)]
pub struct Who {
    /// The thread's name, or its number in words.
    pub thread: Arc<str>,
    /// The test, or the thread that everything in it descends from.
    pub test: Arc<str>,
}

/// An acquisition that the thread's own half has not seen before.
#[derive(Debug)]
pub struct Acquisition<'a> {
    /// The lock asked for.
    pub wanted: Held,
    /// Whether it may block.
    pub attempt: Attempt,
    /// The locks held meanwhile, oldest first; may be empty (a write lock with nothing held).
    pub held: &'a [Held],
    /// The thread's place in the order of forks and joins.
    pub segment: &'a Segment,
    /// The thread.
    pub who: &'a Who,
}

/// A finding, and the backtraces that belong to it, each with its title.
#[derive(Debug)]
pub struct Found {
    /// The finding, still without its backtraces.
    pub finding: Finding,
    /// What is to be resolved into [`Finding::backtraces`].
    pub backtraces: Vec<(String, BacktraceId)>,
}

/// The lock-order graph.
#[derive(Debug, Default)]
pub struct Order {}

impl Order {
    /// Takes in an acquisition, before it blocks. `capture` is called once if an edge is new. Returns what became
    /// possible by it.
    pub fn acquire(
        &mut self,
        _acquisition: &Acquisition<'_>,
        _capture: &mut dyn FnMut() -> Option<BacktraceId>,
    ) -> Vec<Found> {
        Vec::new()
    }

    /// Forgets a destroyed lock, but not the orders that led through it.
    pub fn retire(&mut self, _lock: LockId) {}

    /// The graph by class, for the report.
    #[must_use]
    pub fn graph(&self, _process: &str) -> Graph {
        Graph::default()
    }
}
