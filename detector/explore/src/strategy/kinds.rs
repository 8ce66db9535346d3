//! A random walk over kinds of operations: where many threads are about to do the same at the same place, they count as
//! one. So a thread of which there is only one meets a crowd of others at every stage of theirs.

use super::{Options, Strategy, View};
use crate::op::Tid;
use crate::rng::Rng;

/// See the module.
#[derive(Debug)]
pub struct Kinds {
    rng: Rng,
    kinds: Vec<(u64, Vec<Tid>)>,
}

impl Default for Kinds {
    fn default() -> Self {
        Self {
            rng: Rng::new(0),
            kinds: Vec::new(),
        }
    }
}

/// What the operation that a thread is about to do has in common with others: where it is called from.
fn kind(view: &View<'_>, tid: Tid) -> u64 {
    match view.op(tid).site {
        Some(site) => std::ptr::from_ref(site).addr() as u64,
        None => view.key(tid),
    }
}

impl Strategy for Kinds {
    fn begin(&mut self, seed: u64) -> bool {
        self.rng = Rng::new(seed);
        true
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        self.kinds.clear();
        for &tid in view.runnable {
            let kind = kind(view, tid);
            match self.kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, threads)) => threads.push(tid),
                None => self.kinds.push((kind, vec![tid])),
            }
        }
        let (_, threads) = self.rng.pick(&self.kinds);
        *self.rng.pick(threads)
    }

    fn choose_option(&mut self, options: &Options<'_>) -> usize {
        options.draw(&mut self.rng)
    }
}
