//! Who has which place in clocks.

use crate::epoch::{Epoch, Slot};
use crate::stamp::Stamp;

/// How many free slots are looked at before a new one is made.
const LOOKS: usize = 8;

/// The slots of all threads. A slot is given to a new thread only if its starter knows the last moment of whoever had it
/// before, so that the two lives follow each other and one time counts both.
#[derive(Debug, Default)]
pub struct Slots<T> {
    /// Per slot, since when each thread has had it.
    owners: Vec<Vec<(u64, T)>>,
    /// The last moments of threads that have ended.
    free: Vec<Epoch>,
    /// Where to look first among them.
    next: usize,
}

impl<T: Copy> Slots<T> {
    /// No slots yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            owners: Vec::new(),
            free: Vec::new(),
            next: 0,
        }
    }

    /// The first moment of a thread that comes after this.
    pub fn begin(&mut self, thread: T, starter: &Stamp) -> Epoch {
        let last = self.reuse(starter);
        let first = last.map_or_else(|| self.fresh(), Epoch::next);
        self.owners[first.slot().0 as usize].push((first.time(), thread));
        first
    }

    /// A thread has ended, and this is the last moment that it has given to others.
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

    fn reuse(&mut self, starter: &Stamp) -> Option<Epoch> {
        let count = self.free.len();
        let looks = (0..count.min(LOOKS)).map(|look| (self.next + look) % count);
        let place = { looks }.find(|&place| starter.knows(self.free[place]));
        self.next = place.unwrap_or(self.next + LOOKS);
        place.map(|place| self.free.swap_remove(place))
    }

    fn fresh(&mut self) -> Epoch {
        let slot = u32::try_from(self.owners.len()).expect("there are fewer than 4 billion slots");
        self.owners.push(Vec::new());
        Epoch::first(Slot(slot))
    }
}
