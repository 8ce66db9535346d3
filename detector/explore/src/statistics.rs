//! How much of a program's behaviour was seen.

use rustc_hash::FxHashMap;

/// What a run of many executions has seen.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    schedules: usize,
    shapes: FxHashMap<u64, usize>,
    once: usize,
}

impl Statistics {
    /// Counts an execution by its shape. Returns whether it was new.
    pub fn add(&mut self, shape: u64) -> bool {
        self.schedules += 1;
        let times = self.shapes.entry(shape).or_default();
        *times += 1;
        match *times {
            1 => self.once += 1,
            2 => self.once -= 1,
            _ => {}
        }
        *times == 1
    }

    /// Counts all executions of other statistics as well.
    pub fn merge(&mut self, other: &Self) {
        self.schedules += other.schedules;
        for (&shape, &times) in &other.shapes {
            *self.shapes.entry(shape).or_default() += times;
        }
        self.once = self.shapes.values().filter(|&&times| times == 1).count();
    }

    /// How many executions there were.
    #[must_use]
    pub fn schedules(&self) -> usize {
        self.schedules
    }

    /// How many of them differ in the order of what matters.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.shapes.len()
    }

    /// The chance that the next execution shows something new, from 0 to 1: the share of shapes seen exactly once
    /// (Good, "The Population Frequencies of Species and the Estimation of Population Parameters", 1953).
    #[must_use]
    pub fn estimate(&self) -> f64 {
        if self.schedules == 0 {
            return 1.0;
        }
        self.once as f64 / self.schedules as f64
    }
}

#[cfg(test)]
mod tests {
    use super::Statistics;

    #[test]
    fn what_others_have_seen_counts() {
        let (mut ours, mut theirs) = (Statistics::default(), Statistics::default());
        [1, 2].iter().for_each(|&shape| {
            ours.add(shape);
        });
        [2, 3].iter().for_each(|&shape| {
            theirs.add(shape);
        });
        ours.merge(&theirs);
        assert_eq!((ours.schedules(), ours.distinct()), (4, 3));
        assert_eq!(ours.estimate(), 0.5);
    }

    #[test]
    fn what_is_seen_again_and_again_promises_nothing_new() {
        let mut statistics = Statistics::default();
        [1, 2, 1, 2, 1, 2].iter().for_each(|&shape| {
            statistics.add(shape);
        });
        assert_eq!((statistics.distinct(), statistics.estimate()), (2, 0.0));
        statistics.add(3);
        assert!((statistics.estimate() - 1.0 / 7.0).abs() < 1e-9);
    }
}
