//! Vector clocks: what one moment knows of every slot.

use smallvec::SmallVec;

use crate::epoch::{Epoch, Slot};

/// How many slots a clock knows of without memory of its own.
const FEW: usize = 6;

/// The last time known of each slot; flat, and as long as the highest slot known.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Clock {
    times: SmallVec<[u64; FEW]>,
}

impl Clone for Clock {
    // In one piece, which the derived one does not do.
    fn clone(&self) -> Self {
        Self {
            times: SmallVec::from_slice(&self.times),
        }
    }

    fn clone_from(&mut self, other: &Self) {
        self.times.clear();
        self.times.extend_from_slice(&other.times);
    }
}

impl Clock {
    /// A clock that knows nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The last time known of a slot; 0 if none is.
    #[inline(always)]
    #[must_use]
    pub fn time(&self, slot: Slot) -> u64 {
        self.times.get(slot.0 as usize).copied().unwrap_or(0)
    }

    /// Whether it knows this moment.
    #[inline(always)]
    #[must_use]
    pub fn knows(&self, epoch: Epoch) -> bool {
        self.time(epoch.slot()) >= epoch.time()
    }

    /// Whether it knows everything that `other` knows.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let (mine, theirs) = (&self.times[..], &other.times[..]);
        let (both, more) = theirs.split_at(mine.len().min(theirs.len()));
        let covers = both.iter().zip(mine).all(|(time, known)| known >= time);
        covers && more.iter().all(|&time| time == 0)
    }

    /// The slots it knows something of, with the last time of each.
    #[cfg(feature = "offline")]
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Slot, u64)> {
        let times = self.times.iter().zip(0..);
        times.filter_map(|(&time, slot)| (time > 0).then_some((Slot(slot), time)))
    }

    /// Learns of one moment.
    pub fn learn(&mut self, epoch: Epoch) {
        if epoch.is_none() {
            return;
        }
        let slot = epoch.slot().0 as usize;
        if self.times.len() <= slot {
            self.times.resize(slot + 1, 0);
        }
        let known = &mut self.times[slot];
        *known = (*known).max(epoch.time());
    }

    /// Learns everything that `other` knows.
    pub fn join(&mut self, other: &Self) {
        if self.times.len() < other.times.len() {
            self.times.resize(other.times.len(), 0);
        }
        for (known, &time) in self.times.iter_mut().zip(&other.times) {
            *known = (*known).max(time);
        }
    }
}
