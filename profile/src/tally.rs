//! Counts of values by size, in ranges that grow with them: those of HdrHistogram.

use model::profile::Histogram;

/// Each doubling has two to the power of so many ranges.
const BITS: u32 = 5;
const RANGES: u64 = 1 << BITS;

/// How many values of each size there were.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    counts: Vec<u64>,
    count: u64,
    sum: u64,
    max: u64,
}

impl Tally {
    /// Takes in a value.
    pub(crate) fn add(&mut self, value: u64) {
        let index = range_of(value);
        if index >= self.counts.len() {
            self.counts.resize(index + 1, 0);
        }
        self.counts[index] += 1;
        self.count += 1;
        self.sum = self.sum.saturating_add(value);
        self.max = self.max.max(value);
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn sum(&self) -> u64 {
        self.sum
    }

    pub(crate) fn max(&self) -> u64 {
        self.max
    }

    /// The form that reports have.
    pub(crate) fn histogram(&self) -> Histogram {
        let counts = self.counts.iter().enumerate().filter(|&(_, &n)| n > 0);
        Histogram::new(self.sum, self.max, counts.map(|(i, &n)| (middle_of(i), n)))
    }
}

/// The range that a value is in. Below the second doubling each value has its own.
fn range_of(value: u64) -> usize {
    let doublings = value.max(1).ilog2().saturating_sub(BITS);
    let index = u64::from(doublings) * RANGES + (value >> doublings);
    usize::try_from(index).expect("there are fewer than two thousand ranges")
}

/// The middle of a range.
fn middle_of(index: usize) -> u64 {
    let index = index as u64;
    let doublings = (index / RANGES).saturating_sub(1);
    let low = (index - doublings * RANGES) << doublings;
    low + (1 << doublings) / 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Tally, middle_of, range_of};

    proptest! {
        #[test]
        fn a_value_is_near_the_middle_of_its_range(value: u64) {
            let middle = middle_of(range_of(value));
            prop_assert!(middle.abs_diff(value) <= value / 64 + 1, "{value}: {middle}");
        }

        #[test]
        fn ranges_are_in_the_order_of_their_values(a: u64, b: u64) {
            prop_assert_eq!(range_of(a) < range_of(b), range_of(a) != range_of(b) && a < b);
        }

        #[test]
        fn a_tally_counts_like_a_list(values in proptest::collection::vec(0_u64..100_000, 1..100)) {
            let mut tally = Tally::default();
            values.iter().for_each(|&value| tally.add(value));
            let histogram = tally.histogram();
            prop_assert_eq!(histogram.count, values.len() as u64);
            prop_assert_eq!(histogram.sum, values.iter().sum::<u64>());
            prop_assert_eq!(histogram.max, *values.iter().max().unwrap());
            for (middle, count) in histogram.ranges() {
                let there = values.iter().filter(|&&value| range_of(value) == range_of(middle));
                prop_assert_eq!(there.count() as u64, count);
            }
        }
    }

    #[test]
    fn the_largest_values_have_a_range_too() {
        let mut tally = Tally::default();
        tally.add(u64::MAX);
        tally.add(u64::MAX);
        let histogram = tally.histogram();
        assert_eq!((histogram.count, histogram.sum), (2, u64::MAX));
        assert_eq!(histogram.values.len(), 1);
    }

    #[test]
    fn small_values_are_exact() {
        for value in 0..64 {
            assert_eq!(middle_of(range_of(value)), value);
        }
    }
}
