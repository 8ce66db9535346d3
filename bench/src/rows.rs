//! The rows of the results.

use crate::column::Column;
use crate::figure::Build;
use crate::locks::Workload;
use crate::peers::Peer;

/// One thing measured.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its word in files.
    pub(crate) slug: &'static str,
    pub(crate) title: &'static str,
    pub(crate) section: Section,
    /// What the issue asks for; none for rows that only inform.
    pub(crate) reach: &'static [Reach],
    /// How the harness measures it; what `run.sh` measures has none.
    pub(crate) measure: Measure,
}

/// A table of the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Ratio,
    Threads,
    Edges,
    Memory,
    Building,
}

/// A figure to reach.
#[derive(Debug)]
pub(crate) struct Reach {
    pub(crate) build: Build,
    pub(crate) column: Column,
    pub(crate) bound: Bound,
}

/// Which side of a figure is the good one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// How a row is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Measure {
    /// In rounds, as the ratio of a thread's own time to that of std; so often in a round.
    Ratio(fn(&Peer) -> Option<Workload>, u32),
    /// In rounds, as what a second thread adds.
    Gain(fn(&Peer) -> Option<Workload>, u32),
    /// In this process, once.
    Here(fn(&Peer) -> f64),
    /// In processes of their own, or by `run.sh`.
    Elsewhere,
}

impl Bound {
    /// Whether a value is good.
    pub(crate) fn is_met_by(self, value: f64) -> bool {
        match self {
            Self::AtMost(bound) => value <= bound,
            Self::AtLeast(bound) => value >= bound,
        }
    }
}

/// The reach of a lock row: one figure in release builds, 2.5 in debug builds.
macro_rules! lock_reach {
    ($release:expr) => {
        &[
            Reach {
                build: Build::Release,
                column: Column::Unsnarl,
                bound: Bound::AtMost($release),
            },
            Reach {
                build: Build::Debug,
                column: Column::Unsnarl,
                bound: Bound::AtMost(2.5),
            },
        ]
    };
}

/// The reach of a row measured in release builds only.
macro_rules! reach {
    ($column:ident, $bound:expr) => {
        &[Reach {
            build: Build::Release,
            column: Column::$column,
            bound: $bound,
        }]
    };
}

/// Every row, in the order of the results.
pub(crate) const ROWS: &[Row] = &[
    Row {
        slug: "single",
        title: "lock + unlock, uncontended",
        section: Section::Ratio,
        reach: lock_reach!(1.25),
        measure: Measure::Ratio(|peer| Some(peer.locks.single), 200_000),
    },
    Row {
        slug: "pair",
        title: "nested pair, edges known",
        section: Section::Ratio,
        reach: lock_reach!(1.3),
        measure: Measure::Ratio(|peer| Some(peer.locks.pair), 100_000),
    },
    Row {
        slug: "chain-lifo",
        title: "nested chain of 8, released last-in first-out",
        section: Section::Ratio,
        reach: lock_reach!(1.8),
        measure: Measure::Ratio(|peer| Some(peer.locks.chain_lifo), 25_000),
    },
    Row {
        slug: "chain-fifo",
        title: "nested chain of 8, released first-in first-out",
        section: Section::Ratio,
        reach: lock_reach!(1.8),
        measure: Measure::Ratio(|peer| Some(peer.locks.chain_fifo), 25_000),
    },
    Row {
        slug: "read",
        title: "`RwLock` read + unlock",
        section: Section::Ratio,
        reach: &[],
        measure: Measure::Ratio(|peer| Some(peer.rw_locks?.read), 200_000),
    },
    Row {
        slug: "write",
        title: "`RwLock` write + unlock",
        section: Section::Ratio,
        reach: &[],
        measure: Measure::Ratio(|peer| Some(peer.rw_locks?.write), 200_000),
    },
    Row {
        slug: "ping-pong",
        title: "`Condvar` ping-pong on one core, both threads' time",
        section: Section::Ratio,
        reach: &[],
        measure: Measure::Ratio(|peer| peer.ping_pong, 2_000),
    },
    Row {
        slug: "channel",
        title: "`mpsc` send + recv",
        section: Section::Ratio,
        reach: &[],
        measure: Measure::Ratio(|peer| peer.channel, 100_000),
    },
    Row {
        slug: "threads",
        title: "disjoint nested pairs, throughput of 2 threads ÷ 1",
        section: Section::Threads,
        reach: reach!(Unsnarl, Bound::AtLeast(1.8)),
        measure: Measure::Gain(|peer| Some(peer.locks.pair), 300_000),
    },
    Row {
        slug: "edge-random",
        title: "100 000 locks, random acyclic order, mean",
        section: Section::Edges,
        reach: &[
            Reach {
                build: Build::Release,
                column: Column::UnsnarlEngine,
                bound: Bound::AtMost(0.5),
            },
            Reach {
                build: Build::Release,
                column: Column::Unsnarl,
                bound: Bound::AtMost(0.5),
            },
        ],
        measure: Measure::Elsewhere,
    },
    Row {
        slug: "edge-layered",
        title: "10 000 locks, layered (16 hubs, short-range edges, shuffled ids), mean of the worst tenth",
        section: Section::Edges,
        reach: reach!(Unsnarl, Bound::AtMost(5.0)),
        measure: Measure::Elsewhere,
    },
    Row {
        slug: "size",
        title: "bytes of a `Mutex<u64>`",
        section: Section::Memory,
        reach: reach!(Unsnarl, Bound::AtMost(40.0)),
        measure: Measure::Here(|peer| peer.locks.size as f64),
    },
    Row {
        slug: "allocations",
        title: "allocations to create and lock one, not nested",
        section: Section::Memory,
        reach: reach!(Unsnarl, Bound::AtMost(0.0)),
        measure: Measure::Here(|peer| (peer.locks.allocations)() as f64),
    },
    Row {
        slug: "resident-10",
        title: "resident KiB after 100 000 pairs created, nested, dropped",
        section: Section::Memory,
        reach: &[],
        measure: Measure::Elsewhere,
    },
    Row {
        slug: "resident-50",
        title: "after 500 000",
        section: Section::Memory,
        reach: &[],
        measure: Measure::Elsewhere,
    },
    Row {
        slug: "resident-100",
        title: "after 1 000 000",
        section: Section::Memory,
        reach: &[],
        measure: Measure::Elsewhere,
    },
    Row {
        slug: "resident-growth",
        title: "growth from 100 000 to 1 000 000, in KiB",
        section: Section::Memory,
        reach: reach!(Unsnarl, Bound::AtMost(512.0)),
        measure: Measure::Elsewhere,
    },
    Row {
        slug: "churn",
        title: "µs to create, nest and drop a pair",
        section: Section::Memory,
        reach: &[],
        measure: Measure::Elsewhere,
    },
    Row {
        slug: "build",
        title: "seconds that a clean build of a test crate takes longer with `observe`",
        section: Section::Building,
        reach: reach!(Unsnarl, Bound::AtMost(20.0)),
        measure: Measure::Elsewhere,
    },
    Row {
        slug: "build-cpu",
        title: "the same in seconds of all cores, which neighbours disturb little",
        section: Section::Building,
        reach: &[],
        measure: Measure::Elsewhere,
    },
];
