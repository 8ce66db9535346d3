//! Follows a token, as far as it fits.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::{Options, Strategy, View};
use crate::op::Tid;
use crate::token::{Deviation, Path, Token};

/// See the module.
#[derive(Debug)]
pub struct Replay {
    token: Token,
    /// Who goes next after a thread has begun so many operations.
    turns: FxHashMap<(Path, u32), VecDeque<Path>>,
    /// The option in a thread's nth choice after it has begun so many operations.
    picks: FxHashMap<(Path, u32, u32), usize>,
    followed: usize,
}

impl Replay {
    /// A strategy that follows this token in every execution.
    #[must_use]
    pub fn new(token: Token) -> Self {
        Self {
            token,
            turns: FxHashMap::default(),
            picks: FxHashMap::default(),
            followed: 0,
        }
    }

    fn turn(&mut self, view: &View<'_>) -> Option<Tid> {
        let current = view.current;
        if self.turns.is_empty() {
            return None;
        }
        let moment = (
            Path::of(view.world, current),
            view.world.thread(current).steps,
        );
        let wanted = self.turns.get_mut(&moment)?;
        let next = wanted.front()?;
        let is_next = |tid: &&Tid| Path::of(view.world, **tid) == *next;
        let found = view.runnable.iter().find(is_next).copied()?;
        wanted.pop_front();
        self.followed += 1;
        Some(found)
    }

    fn pick(&mut self, options: &Options<'_>) -> Option<usize> {
        if self.picks.is_empty() {
            return None;
        }
        let thread = options.world.thread(options.thread);
        let path = Path::of(options.world, options.thread);
        let option = self.picks.remove(&(path, thread.steps, thread.choices))?;
        let is_there = option < options.count;
        self.followed += usize::from(is_there);
        is_there.then_some(option)
    }
}

impl Strategy for Replay {
    fn begin(&mut self, _seed: u64) -> bool {
        self.turns.clear();
        self.picks.clear();
        self.followed = 0;
        for deviation in self.token.deviations.iter().cloned() {
            match deviation {
                Deviation::Turn { after, step, next } => {
                    self.turns.entry((after, step)).or_default().push_back(next);
                }
                Deviation::Pick {
                    thread,
                    step,
                    nth,
                    option,
                } => {
                    self.picks.insert((thread, step, nth), option);
                }
            }
        }
        true
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        match self.turn(view) {
            Some(next) => next,
            None => self.token.policy.choose(view.runnable, view.current),
        }
    }

    fn choose_option(&mut self, options: &Options<'_>) -> usize {
        self.pick(options).unwrap_or(0)
    }

    fn missed(&self) -> usize {
        self.token.deviations.len() - self.followed
    }
}
