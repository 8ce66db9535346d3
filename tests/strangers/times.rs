//! How long the tests of a crate take, plain and watched.

use std::fmt;
use std::time::Duration;

use crate::record::Record;

/// How long the test programs of one run took together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
}

impl Time {
    /// That of a run.
    pub(crate) fn of(records: &[Record]) -> Self {
        Self {
            wall: records.iter().map(|record| record.wall).sum(),
            cpu: records.iter().map(|record| record.cpu).sum(),
        }
    }

    /// The middle of some, each clock by itself.
    pub(crate) fn median(times: &[Self]) -> Self {
        Self {
            wall: median(times.iter().map(|time| time.wall).collect()),
            cpu: median(times.iter().map(|time| time.cpu).collect()),
        }
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// A cell of the table: `12.10 → 13.31, × 1.10`, in seconds.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) plain: Duration,
    pub(crate) watched: Duration,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (plain, watched) = (self.plain.as_secs_f64(), self.watched.as_secs_f64());
        write!(f, "{plain:.2} → {watched:.2}, × {:.2}", watched / plain)
    }
}
