//! The `SeqCst` fences of an execution: one after the other, in the order in which they were carried out.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::clock::Clock;
use crate::epoch::Epoch;
use crate::local::Local;
use crate::stamp::Stamp;

/// How many fences are told apart. Older ones count as this one, which allows less.
const MOST: usize = 64;

/// The fences so far.
///
/// They have a slot of their own in clocks: a thread's time of it says which of them was the last that lies before.
#[derive(Debug, Default)]
pub struct Fences {
    /// The moment before the first one.
    origin: Epoch,
    count: u64,
    /// What lies before any of them.
    before: Arc<Clock>,
    /// The same as it was at each of the last ones, before that one was carried out.
    past: VecDeque<Arc<Clock>>,
}

impl Fences {
    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The last moment of their slot, if there was one.
    #[must_use]
    pub fn last(&self) -> Option<Epoch> {
        let time = self.origin.time() + self.count;
        (self.count > 0).then(|| Epoch::new(self.origin.slot(), time))
    }

    /// The thread passes one. `begin` gives the first one a slot, by a moment in which nothing else happens.
    pub fn pass(&mut self, thread: &mut Local, begin: impl FnOnce() -> Epoch) {
        thread.fence(true, false);
        if self.count == 0 {
            self.origin = begin();
        }
        self.count += 1;
        if self.past.len() == MOST {
            self.past.pop_front();
        }
        self.past.push_back(Arc::clone(&self.before));
        thread.acquire(&Stamp::at(self.last().unwrap_or_default()));
        thread.fence(false, true);
        thread.fenced().tell(Arc::make_mut(&mut self.before));
    }

    /// What lies before any of them.
    pub(super) fn before(&self) -> &Clock {
        &self.before
    }

    /// The last one that lies before what the thread does now, if one does.
    pub(super) fn known_to(&self, thread: &Local) -> Option<Fence<'_>> {
        self.last()?;
        let time = thread.time(self.origin.slot());
        let number = time.checked_sub(self.origin.time()).filter(|&n| n > 0)?;
        let first = self.count - self.past.len() as u64;
        let place = (number - 1).saturating_sub(first) as usize;
        Some(Fence {
            number,
            before: self.past.get(place)?,
        })
    }
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fence<'f> {
    /// The how-manieth, from 1.
    pub(super) number: u64,
    /// What lies before those that were carried out before it.
    pub(super) before: &'f Clock,
}
