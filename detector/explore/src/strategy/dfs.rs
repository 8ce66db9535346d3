//! Depth-first search: every interleaving, one after the other. The oracle of the others, and for tiny programs.

use super::{Strategy, View};
use crate::op::Tid;
use crate::run::Run;

/// See the module.
#[derive(Debug, Default)]
pub struct Dfs {
    /// Where the last execution could have gone another way: who could go on, and which of them did.
    path: Vec<(Box<[Tid]>, usize)>,
    depth: usize,
    is_exhausted: bool,
}

impl Strategy for Dfs {
    fn begin(&mut self, _seed: u64) -> bool {
        self.depth = 0;
        !self.is_exhausted
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        if self.depth == self.path.len() {
            self.path.push((view.runnable.into(), 0));
        }
        let (runnable, which) = &self.path[self.depth];
        self.depth += 1;
        // In a program that is not deterministic, the same path may lead elsewhere.
        let chosen = runnable
            .get(*which)
            .filter(|tid| view.runnable.contains(tid));
        chosen.copied().unwrap_or(view.runnable[0])
    }

    fn end(&mut self, _run: &Run, _is_new: bool) {
        self.path.truncate(self.depth);
        while let Some((runnable, which)) = self.path.last_mut() {
            *which += 1;
            if *which < runnable.len() {
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
