//! A run in slots of time: as many as are looked at together, however long it takes. When there are too many, two
//! neighbours become one.

use crate::sample::Nanos;

/// About a millisecond.
const SHORTEST: Nanos = 1 << 20;
const MOST: usize = 64;

/// What is known of a slot of time.
pub(crate) trait Slot {
    /// Takes in the one that follows.
    fn join(&mut self, later: Self);

    /// What the one that follows begins as.
    fn next(&self) -> Self;
}

/// The slots from the beginning on.
#[derive(Clone, Debug)]
pub(crate) struct Slots<T> {
    width: Nanos,
    slots: Vec<T>,
}

impl<T: Slot + Default> Slots<T> {
    pub(crate) fn new() -> Self {
        Self {
            width: SHORTEST,
            slots: Vec::new(),
        }
    }

    /// How long each is.
    pub(crate) fn width(&self) -> Nanos {
        self.width
    }

    pub(crate) fn all(&self) -> &[T] {
        &self.slots
    }

    /// The slot of this moment.
    pub(crate) fn at(&mut self, time: Nanos) -> &mut T {
        while time / self.width >= MOST as Nanos {
            self.halve();
        }
        let index = usize::try_from(time / self.width).expect("there are few slots");
        while self.slots.len() <= index {
            let next = self.slots.last().map_or_else(T::default, Slot::next);
            self.slots.push(next);
        }
        &mut self.slots[index]
    }

    fn halve(&mut self) {
        self.width *= 2;
        let mut old = std::mem::take(&mut self.slots).into_iter();
        while let Some(mut slot) = old.next() {
            if let Some(later) = old.next() {
                slot.join(later);
            }
            self.slots.push(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MOST, SHORTEST, Slot, Slots};

    #[derive(Debug, Default, PartialEq)]
    struct Count(u64);

    impl Slot for Count {
        fn join(&mut self, later: Self) {
            self.0 += later.0;
        }

        fn next(&self) -> Self {
            Self(0)
        }
    }

    proptest! {
        #[test]
        fn every_moment_is_counted_in_its_slot(
            moments in proptest::collection::vec(0_u64..10_000 * SHORTEST, 1..50),
        ) {
            let mut slots = Slots::<Count>::new();
            moments.iter().for_each(|&moment| slots.at(moment).0 += 1);
            prop_assert!(slots.all().len() <= MOST);
            for (index, count) in slots.all().iter().enumerate() {
                let within = |moment: &&u64| **moment / slots.width() == index as u64;
                prop_assert_eq!(moments.iter().filter(within).count() as u64, count.0);
            }
        }
    }

    #[test]
    fn the_last_moment_there_is_has_a_slot() {
        let mut slots = Slots::<Count>::new();
        slots.at(3).0 += 1;
        slots.at(u64::MAX).0 += 1;
        assert_eq!(slots.all().iter().map(|slot| slot.0).sum::<u64>(), 2);
    }
}
