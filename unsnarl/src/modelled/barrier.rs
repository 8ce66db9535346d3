//! Barriers of a model.

use super::condvar::Condvar;
use super::mutex::{Mutex, held};

/// [`std::sync::Barrier`] in a model.
#[derive(Debug)]
pub struct Barrier {
    size: usize,
    state: Mutex<State>,
    is_full: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: usize,
    /// How often it was full.
    round: usize,
}

/// [`std::sync::BarrierWaitResult`] in a model.
#[derive(Debug)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// Whether this thread was the last to come.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl Barrier {
    /// A barrier for so many threads.
    #[must_use]
    pub fn new(n: usize) -> Self {
        Self {
            size: n,
            state: Mutex::new(State::default()),
            is_full: Condvar::new(),
        }
    }

    /// Waits until all threads are there.
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        let mut state = held(self.state.lock());
        state.waiting += 1;
        let is_leader = state.waiting >= self.size;
        if is_leader {
            state.waiting = 0;
            state.round += 1;
            self.is_full.notify_all();
        } else {
            let round = state.round;
            drop(held(
                self.is_full.wait_while(state, |state| state.round == round),
            ));
        }
        BarrierWaitResult(is_leader)
    }
}
