//! Round robin: each thread a step in its turn. Every execution begins the rounds with another thread.

use super::{Options, Strategy, View};
use crate::op::Tid;

/// See the module.
#[derive(Debug, Default)]
pub struct RoundRobin {
    executions: u32,
    last: Option<Tid>,
}

impl Strategy for RoundRobin {
    fn begin(&mut self, _seed: u64) -> bool {
        self.last = Some(Tid(self.executions));
        self.executions += 1;
        true
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        let comes_after = |tid: &&Tid| self.last.is_none_or(|last| **tid > last);
        let next = view.runnable.iter().find(comes_after);
        let next = *next.unwrap_or(&view.runnable[0]);
        self.last = Some(next);
        next
    }

    fn choose_option(&mut self, _options: &Options<'_>) -> usize {
        0
    }
}
