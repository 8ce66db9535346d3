//! Who has which place in clocks.

use crate::epoch::{Epoch, Slot};
use crate::stamp::Stamp;

/// How many free slots are looked at before a new one is made.
const LOOKS: usize = 8;

/// The slots of all threads. A slot is given to a new thread only if its starter knows the last moment of whoever had it
/// before, so that the two lives follow each other and one time counts both.
#[derive(Debug, Default)]
pub struct Slots<T> {
    /// Per slot, since when each thread has had it; `None` for those that are forgotten.
    owners: Vec<Vec<(u64, Option<T>)>>,
    /// The last moments of threads that have ended.
    free: Vec<Epoch>,
    /// Where to look first among them.
    next: usize,
}

impl<T: Copy + PartialEq> Slots<T> {
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
        self.owners[first.slot().0 as usize].push((first.time(), Some(thread)));
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
        owners.get(after.checked_sub(1)?)?.1
    }

    /// Nobody will ask for this thread, who had this slot, any more. However many are forgotten, they need room for one.
    pub fn forget(&mut self, slot: Slot, thread: T) {
        let Some(owners) = self.owners.get_mut(slot.0 as usize) else {
            return;
        };
        if let Some(owner) = owners.iter_mut().find(|(_, owner)| *owner == Some(thread)) {
            owner.1 = None;
        }
        owners.dedup_by_key(|(_, owner)| *owner);
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

#[cfg(test)]
mod tests {
    use super::Slots;
    use crate::stamp::Stamp;

    #[test]
    fn who_is_forgotten_is_nobody_and_needs_no_room() {
        let mut slots = Slots::new();
        let first = slots.begin(0, &Stamp::NONE);
        slots.end(first);
        let mut starter = Stamp::NONE;
        let mut last = first;
        for thread in 1..100 {
            starter.merge(&Stamp::at(last));
            let moment = slots.begin(thread, &starter);
            assert_eq!(moment.slot(), first.slot());
            assert_eq!(slots.owner(moment), Some(thread));
            slots.forget(moment.slot(), thread);
            slots.end(moment);
            assert_eq!(slots.owner(moment), None);
            last = moment;
        }
        assert_eq!(slots.owner(first), Some(0));
        assert_eq!(slots.owners[0].len(), 2);
    }
}
