//! The atomics that one thread writes often: its own half of the search for hot lines of memory.

use model::site::Caller;

use crate::sample::{Nanos, Spot, Writes};

/// How many atomics are counted at the same time; one that falls into another's place ends its count.
const PLACES: usize = 64;
/// The clock is looked at once in so many writes.
const BETWEEN_LOOKS: u32 = 32;
/// A stretch of time is two to the power of so many nanoseconds: about 17 ms.
const STRETCH: u32 = 24;
/// The same as a time.
pub(crate) const STRETCH_TIME: Nanos = 1 << STRETCH;

/// Counts of a thread's writes in the present stretch of time.
#[derive(Debug)]
pub struct Heat {
    thread: u32,
    places: Vec<Option<Count>>,
    stretch: u64,
    writes: u32,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    address: usize,
    site: Spot,
    count: u64,
}

impl Heat {
    /// Of the thread of this number.
    #[must_use]
    pub const fn new(thread: u32) -> Self {
        Self {
            thread,
            places: Vec::new(),
            stretch: 0,
            writes: 0,
        }
    }

    /// The thread writes an atomic there. What was written at least so often in a stretch is told when that is over.
    #[inline]
    pub fn write(
        &mut self,
        address: usize,
        site: Caller,
        least: u64,
        now: impl FnOnce() -> Nanos,
        tell: impl FnMut(Writes),
    ) {
        self.writes = self.writes.wrapping_add(1);
        if self.writes.is_multiple_of(BETWEEN_LOOKS) || self.places.is_empty() {
            self.look(now(), least, tell);
        }
        let place = &mut self.places[(address >> 2) % PLACES];
        match place {
            Some(known) if known.address == address => known.count += 1,
            _ => {
                *place = Some(Count {
                    address,
                    site: Spot(site),
                    count: 1,
                });
            }
        }
    }

    #[cold]
    fn look(&mut self, now: Nanos, least: u64, tell: impl FnMut(Writes)) {
        self.places.resize(PLACES, None);
        if now >> STRETCH != self.stretch {
            self.end_stretch(least, tell);
            self.stretch = now >> STRETCH;
        }
    }

    /// Tells what was written often, and counts from the start.
    pub fn end_stretch(&mut self, least: u64, tell: impl FnMut(Writes)) {
        let counts = self.places.iter_mut().filter_map(Option::take);
        let hot = counts.filter(|count| count.count >= least);
        let writes = hot.map(|count| Writes {
            thread: self.thread,
            address: count.address,
            site: count.site,
            stretch: self.stretch,
            count: count.count,
        });
        writes.for_each(tell);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::panic::Location;

    use proptest::prelude::*;

    use super::{Heat, PLACES, STRETCH};
    use crate::sample::Writes;

    const HERE: &Location<'_> = Location::caller();

    proptest! {
        /// Writes to a few atomics that do not share a place, in stretches one after the other.
        #[test]
        fn counts_are_those_of_a_list(
            stretches in proptest::collection::vec(proptest::collection::vec(0_usize..8, 0..200), 1..6),
        ) {
            let mut heat = Heat::new(1);
            let mut told: Vec<Writes> = Vec::new();
            let mut expected = BTreeMap::new();
            for (stretch, addresses) in stretches.iter().enumerate() {
                let now = (stretch as u64) << STRETCH;
                heat.look(now, 1, |writes| told.push(writes));
                for address in addresses {
                    heat.write(address * 4, HERE, 1, || now, |writes| told.push(writes));
                    *expected.entry((stretch as u64, address * 4)).or_insert(0) += 1;
                }
            }
            heat.end_stretch(1, |writes| told.push(writes));
            let told: BTreeMap<_, u64> = told
                .iter()
                .map(|writes| ((writes.stretch, writes.address), writes.count))
                .collect();
            prop_assert_eq!(told, expected);
        }
    }

    #[test]
    fn rare_writes_are_let_go() {
        let mut heat = Heat::new(1);
        let mut told = Vec::new();
        for turn in 0..1_000 {
            heat.write(64, HERE, 500, || 0, |writes| told.push(writes));
            // In another place each time, so that nothing is in the way of the first.
            heat.write(
                4 + turn % 8 * 4,
                HERE,
                500,
                || 0,
                |writes| told.push(writes),
            );
        }
        heat.end_stretch(500, |writes| told.push(writes));
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].address, told[0].count), (64, 1_000));
    }

    #[test]
    fn any_address_has_a_place() {
        let mut heat = Heat::new(1);
        for address in [0, 1, usize::MAX, PLACES * 4] {
            heat.write(address, HERE, 1, || u64::MAX, drop);
        }
    }
}
