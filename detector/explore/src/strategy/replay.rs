//! Follows a token, as far as it fits.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::{Strategy, View};
use crate::op::Tid;
use crate::token::{Path, Token, Turning};

/// See the module.
#[derive(Debug)]
pub struct Replay {
    token: Token,
    left: FxHashMap<(Path, u32), VecDeque<Path>>,
    followed: usize,
}

impl Replay {
    /// A strategy that follows this token in every execution.
    #[must_use]
    pub fn new(token: Token) -> Self {
        Self {
            token,
            left: FxHashMap::default(),
            followed: 0,
        }
    }

    fn turn(&mut self, view: &View<'_>) -> Option<Tid> {
        let current = view.current;
        if self.left.is_empty() {
            return None;
        }
        let moment = (
            Path::of(view.world, current),
            view.world.thread(current).steps,
        );
        let wanted = self.left.get_mut(&moment)?;
        let next = wanted.front()?;
        let is_next = |tid: &&Tid| Path::of(view.world, **tid) == *next;
        let found = view.runnable.iter().find(is_next).copied()?;
        wanted.pop_front();
        self.followed += 1;
        Some(found)
    }
}

impl Strategy for Replay {
    fn begin(&mut self, _seed: u64) -> bool {
        self.left.clear();
        self.followed = 0;
        for Turning { after, step, next } in self.token.turnings.iter().cloned() {
            self.left.entry((after, step)).or_default().push_back(next);
        }
        true
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        match self.turn(view) {
            Some(next) => next,
            None => self.token.policy.choose(view.runnable, view.current),
        }
    }

    fn missed(&self) -> usize {
        self.token.turnings.len() - self.followed
    }
}
