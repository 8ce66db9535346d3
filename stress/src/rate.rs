//! How often something happens, as far as a number of runs can tell.

/// The quantile of the normal distribution that leaves 95 % between it and its negative.
const Z: f64 = 1.959_964;

/// Hits out of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// In how many runs it happened.
    pub hits: u64,
    /// How many runs there were.
    pub runs: u64,
}

impl Rate {
    /// The lowest and the highest share of runs that go well with what was seen, with 95 % confidence: the score interval
    /// of Wilson ("Probable inference", 1927), which holds for few hits too.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "runs are far below 2^52")]
    pub fn interval(self) -> (f64, f64) {
        if self.runs == 0 {
            return (0.0, 1.0);
        }
        let n = self.runs as f64;
        let share = self.hits as f64 / n;
        let z2 = Z * Z;
        let middle = share + z2 / (2.0 * n);
        let width = Z * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z2 / n;
        let low = (middle - width) / scale;
        let high = (middle + width) / scale;
        // Where it never, or always, happened, that end of the interval is exact.
        let low = if self.hits == 0 { 0.0 } else { low.max(0.0) };
        let high = if self.hits == self.runs {
            1.0
        } else {
            high.min(1.0)
        };
        (low, high)
    }

    /// How many runs show it at least once with 95 % certainty, if it happens as often as was seen; `None` if it was not.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a positive number of runs"
    )]
    pub fn runs_to_see(self) -> Option<u64> {
        let share = self.hits as f64 / self.runs as f64;
        match self.hits {
            0 => None,
            hits if hits >= self.runs => Some(1),
            _ => Some((0.05_f64.ln() / (1.0 - share).ln()).ceil().max(1.0) as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;

    fn interval(hits: u64, runs: u64) -> (f64, f64) {
        Rate { hits, runs }.interval()
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "these ends are exact")]
    fn intervals_are_those_of_the_tables() {
        let close = |a: f64, b: f64| (a - b).abs() < 0.0005;
        let (low, high) = interval(1, 10);
        assert!(close(low, 0.0179) && close(high, 0.4042), "{low} {high}");
        let (low, high) = interval(50, 100);
        assert!(close(low, 0.4038) && close(high, 0.5962), "{low} {high}");
        assert_eq!(interval(0, 100).0, 0.0);
        assert_eq!(interval(7, 7).1, 1.0);
        assert_eq!(interval(0, 0), (0.0, 1.0));
    }

    #[test]
    fn what_happens_in_one_of_a_hundred_runs_takes_three_hundred_to_see() {
        let to_see = |hits, runs| Rate { hits, runs }.runs_to_see();
        assert_eq!(to_see(1, 100), Some(299));
        assert_eq!(to_see(5, 5), Some(1));
        assert_eq!(to_see(0, 5), None);
    }
}
