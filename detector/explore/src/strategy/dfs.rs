//! Depth-first search: every interleaving, one after the other. The oracle of the others, and for tiny programs.

use super::{Options, Strategy, View};
use crate::op::Tid;
use crate::run::Run;

/// See the module.
#[derive(Debug, Default)]
pub struct Dfs {
    path: Vec<Fork>,
    depth: usize,
    is_exhausted: bool,
}

/// Where the last execution could have gone another way.
#[derive(Debug)]
struct Fork {
    /// The threads that could go on; none if it was a choice of something else.
    runnable: Box<[Tid]>,
    /// How many ways there are.
    ways: usize,
    /// The way it went.
    way: usize,
}

impl Dfs {
    fn fork(&mut self, make: impl FnOnce() -> Fork) -> &Fork {
        if self.depth == self.path.len() {
            self.path.push(make());
        }
        self.depth += 1;
        &self.path[self.depth - 1]
    }
}

impl Strategy for Dfs {
    fn begin(&mut self, _seed: u64) -> bool {
        self.depth = 0;
        !self.is_exhausted
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        let fork = self.fork(|| Fork {
            runnable: view.runnable.into(),
            ways: view.runnable.len(),
            way: 0,
        });
        // In a program that is not deterministic, the same path may lead elsewhere.
        let chosen = fork.runnable.get(fork.way).copied();
        let chosen = chosen.filter(|tid| view.runnable.contains(tid));
        chosen.unwrap_or(view.runnable[0])
    }

    fn choose_option(&mut self, options: &Options<'_>) -> usize {
        let fork = self.fork(|| Fork {
            runnable: Box::default(),
            ways: options.count,
            way: 0,
        });
        fork.way.min(options.count - 1)
    }

    fn end(&mut self, _run: &Run, _is_new: bool) {
        self.path.truncate(self.depth);
        while let Some(fork) = self.path.last_mut() {
            fork.way += 1;
            if fork.way < fork.ways {
                return;
            }
            self.path.pop();
        }
        self.is_exhausted = true;
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn is_exhausted(&self) -> bool {
        self.is_exhausted
    }
}
