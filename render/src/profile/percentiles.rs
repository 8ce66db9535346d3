//! How values are spread, in three numbers.

use model::profile::Histogram;

/// The middle value, the one that one in a hundred is above, and the largest, which is exact; the others are within two
/// percent.
pub(super) fn percentiles(histogram: &Histogram) -> [u64; 3] {
    let max = histogram.max;
    let mut spread = hdrhistogram::Histogram::<u64>::new_with_max(max.max(2), 3)
        .expect("two is enough for a histogram, and three digits are");
    for (value, count) in histogram.ranges() {
        spread.saturating_record_n(value.min(max), count);
    }
    let at = |quantile| spread.value_at_quantile(quantile).min(max);
    [at(0.5), at(0.99), max]
}

#[cfg(test)]
mod tests {
    use model::profile::Histogram;

    use super::percentiles;

    #[test]
    fn a_hundred_values_have_a_middle_and_an_end() {
        let histogram = Histogram::new(0, 1_000_000, (1..=100).map(|value| (value * 10_000, 1)));
        let [middle, late, max] = percentiles(&histogram);
        assert!(middle.abs_diff(500_000) <= 10_000, "{middle}");
        assert!(late.abs_diff(990_000) <= 20_000, "{late}");
        assert_eq!(max, 1_000_000);
    }

    #[test]
    fn nothing_and_the_most_there_is_are_told_too() {
        assert_eq!(percentiles(&Histogram::default()), [0; 3]);
        let huge = Histogram::new(u64::MAX, u64::MAX, [(u64::MAX, u64::MAX)]);
        let [middle, _, max] = percentiles(&huge);
        assert!(middle > u64::MAX / 100 * 98);
        assert_eq!(max, u64::MAX);
        let one = Histogram::new(1, 1, [(1, 1)]);
        assert_eq!(percentiles(&one), [1; 3]);
    }
}
