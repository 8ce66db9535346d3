//! Numbers over time, as one line of bars.

/// Nothing, and the heights of a bar.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A bar for each number; whatever is not nothing can be seen.
pub(super) fn line(numbers: &[u64]) -> String {
    let most = numbers.iter().copied().max().unwrap_or(0).max(1);
    let bar = |number: u64| {
        let height = (u128::from(number) * 8).div_ceil(u128::from(most));
        BARS[usize::try_from(height).unwrap_or(0).min(8)]
    };
    numbers.iter().map(|&number| bar(number)).collect()
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn the_highest_bar_is_the_most() {
        assert_eq!(line(&[0, 1, 4, 8]), " ▁▄█");
        assert_eq!(line(&[1, 1_000_000]), "▁█");
        assert_eq!(line(&[u64::MAX, 0]), "█ ");
        assert_eq!(line(&[]), "");
    }
}
