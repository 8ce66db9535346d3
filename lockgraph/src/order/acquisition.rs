//! Acquisitions: what the thread's own half hands over, and what comes back.

use std::sync::Arc;

use model::clock::Segment;
use model::event::Attempt;
use model::finding::Finding;
use model::id::ThreadId;

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
    /// Whether it is a task of an asynchronous runtime.
    pub is_task: bool,
    /// The one thread that it runs on, if there is only one.
    pub host: Option<ThreadId>,
}

impl Who {
    /// A thread.
    #[must_use]
    pub fn new(thread: Arc<str>, test: Arc<str>) -> Self {
        Self {
            thread,
            test,
            is_task: false,
            host: None,
        }
    }

    /// It in words: "thread `worker`".
    #[must_use]
    pub fn words(&self) -> String {
        let what = if self.is_task { "task" } else { "thread" };
        format!("{what} `{}`", self.thread)
    }

    /// Its name where only that is said: in a list of steps.
    #[must_use]
    pub fn label(&self) -> String {
        if self.is_task {
            format!("task {}", self.thread)
        } else {
            self.thread.to_string()
        }
    }

    /// The same, but for the number of a task, which is another one in another run.
    pub(crate) fn without_number(&self) -> Self {
        let thread = if self.is_task {
            Arc::default()
        } else {
            Arc::clone(&self.thread)
        };
        Self {
            thread,
            ..self.clone()
        }
    }

    /// Whether one thread runs both, so that while one blocks it the other cannot run.
    #[must_use]
    pub fn shares_thread(&self, other: &Self) -> bool {
        self.host.is_some() && self.host == other.host
    }

    /// The test's name; a program's main thread is none, nor is a thread without a name.
    #[must_use]
    pub fn test_name(&self) -> Option<&str> {
        let is_test = *self.test != *"main" && self.test.parse::<u32>().is_err();
        is_test.then_some(&*self.test)
    }
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
