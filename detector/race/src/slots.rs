//! Who has which place in clocks.

use crate::epoch::{Epoch, Slot};
use crate::local::Local;

/// How many free slots are looked at before a new one is made: the last ones freed are the likeliest to be known.
const LOOKS: usize = 8;

/// The slots of all threads. A slot is given to a new thread only if its starter knows the last moment of whoever had it
/// before, so that the two lives follow each other and one time counts both.
#[derive(Debug, Default)]
pub struct Slots<T> {
    /// Per slot, since when each thread has had it.
    owners: Vec<Vec<(u64, T)>>,
    /// The last moments of threads that have ended.
    free: Vec<Epoch>,
}

impl<T: Copy> Slots<T> {
    /// No slots yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            owners: Vec::new(),
            free: Vec::new(),
        }
    }

    /// The first moment of a thread that is started by this one, if by any.
    pub fn begin(&mut self, thread: T, starter: Option<&Local>) -> Epoch {
        let last = starter.and_then(|starter| self.reuse(starter));
        let first = last.map_or_else(|| self.fresh(), Epoch::next);
        self.owners[first.slot().0 as usize].push((first.time(), thread));
        first
    }

    /// A thread has ended at this moment.
    pub fn end(&mut self, last: Epoch) {
        self.free.push(last);
    }

    /// Whose moment it was.
    #[must_use]
    pub fn owner(&self, epoch: Epoch) -> Option<T> {
        let owners = self.owners.get(epoch.slot().0 as usize)?;
        let after = owners.partition_point(|&(since, _)| since <= epoch.time());
        owners.get(after.checked_sub(1)?).map(|&(_, thread)| thread)
    }

    fn reuse(&mut self, starter: &Local) -> Option<Epoch> {
        let candidates = self.free.iter().enumerate().rev().take(LOOKS);
        let (place, _) = { candidates }.find(|&(_, &last)| starter.knows(last))?;
        Some(self.free.swap_remove(place))
    }

    fn fresh(&mut self) -> Epoch {
        let slot = u32::try_from(self.owners.len()).expect("there are fewer than 4 billion slots");
        self.owners.push(Vec::new());
        Epoch::first(Slot(slot))
    }
}
