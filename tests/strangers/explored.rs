//! The own test suites of published crates under the explorer, as they are: most of their tests can be explored, none hangs,
//! and whatever is found was looked at.

use std::collections::BTreeSet;
use std::env;

use libtest_mimic::{Completion, Failed};
use model::report::{Explored as Came, Report, Test};

use crate::sandbox::{self, Result};
use crate::stranger;
use crate::suite::skipped;
use crate::table;

/// How many schedules each test gets at most.
const SCHEDULES: &str = "1000";
/// How long it gets at most: 10 seconds, if this variable does not say otherwise.
const TIME: &str = "STRANGERS_TIME";
/// How long a test may do nothing that is seen before it counts as not explorable.
const PATIENCE: &str = "20s";
/// Of so many in a hundred tests, most have to be explorable.
const SHARE: usize = 80;

/// A crate whose tests are explored.
#[derive(Debug)]
pub(crate) struct Explored {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// Why most of its tests cannot be explored, if they cannot.
    pub(crate) obstacle: Option<&'static str>,
    /// Tests that some schedule breaks, and why they are right to.
    pub(crate) broken: &'static [(&'static str, &'static str)],
}

const fn whole(name: &'static str, version: &'static str) -> Explored {
    Explored {
        name,
        version,
        obstacle: None,
        broken: &[],
    }
}

/// Every one.
pub(crate) const EXPLORED: &[Explored] = &[
    whole("arc-swap", "1.9.3"),
    whole("async-channel", "2.5.0"),
    whole("concurrent-queue", "2.5.0"),
    Explored {
        broken: &[(
            "ready",
            "it counts ticks of real time, and the virtual clock goes faster for who looks at it in a loop",
        )],
        ..whole("crossbeam-channel", "0.5.17")
    },
    whole("crossbeam-deque", "0.8.8"),
    whole("event-listener", "5.4.2"),
    whole("flume", "0.12.0"),
    whole("once_cell", "1.21.4"),
    Explored {
        obstacle: Some("its locks are `parking_lot`'s, which blocks threads by itself"),
        ..whole("r2d2", "0.8.10")
    },
    whole("sharded-slab", "0.1.7"),
    Explored {
        broken: &[
            (
                "test::test_multi_join",
                "it looks for a message that another thread sends without any order between them; fails without us, too",
            ),
            (
                "test::test_recovery_from_subtask_panic",
                "`join` returns before the last panic is counted: a bug of the crate",
            ),
            (
                "test::test_shrink",
                "it counts threads that another one counts when it comes to it",
            ),
        ],
        ..whole("threadpool", "1.8.1")
    },
];

impl Explored {
    /// The name of the trial.
    pub(crate) fn id(&self) -> String {
        format!("explored::{}", self.name)
    }

    /// Explores its tests, and prints its row.
    pub(crate) fn check(&self) -> std::result::Result<Completion, Failed> {
        let folder = match stranger::fetch(self.name, self.version) {
            Ok(folder) => folder,
            Err(error) => return Ok(skipped(&error)),
        };
        let time = env::var(TIME).unwrap_or_else(|_| "10s".to_owned());
        let mut unsnarl = sandbox::unsnarl(&folder)?;
        unsnarl
            .args(["explore", "--message-format", "json", "--lib", "--tests"])
            .args(["--schedules", SCHEDULES, "--time", &time])
            .args(["--patience", PATIENCE]);
        let output = sandbox::said(&mut unsnarl)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let report = render::json::from_str(&text)
            .map_err(|error| format!("no report: {error}\n{stderr}"))?;
        self.print_row(&report)?;
        let failures = self.judge(&report);
        if failures.is_empty() {
            return Ok(Completion::Completed);
        }
        Err(failures.join("\n").into())
    }

    fn judge(&self, report: &Report) -> Vec<String> {
        let mut failures = Vec::new();
        let (all, free) = (came(report).count(), free(report).count());
        let is_enough = free * 100 >= all * SHARE || self.obstacle.is_some();
        if all == 0 || !is_enough {
            failures.push(format!("only {free} of {all} tests could be explored"));
        }
        for finding in report.findings.iter().filter(|finding| finding.fails()) {
            let test = finding.test.as_deref().unwrap_or_default();
            if !self.broken.iter().any(|(known, _)| *known == test) {
                failures.push(format!("`{test}`: {}: {}", finding.slug, finding.message));
            }
        }
        failures
    }

    fn print_row(&self, report: &Report) -> Result<()> {
        let exhausted = free(report).filter(|(_, came)| came.exhausted).count();
        let schedules: u64 = free(report).map(|(test, _)| test.runs).sum();
        let cut: u64 = free(report).map(|(_, came)| came.cut).sum();
        let broken: BTreeSet<&str> = report
            .findings
            .iter()
            .filter(|finding| finding.fails())
            .filter_map(|finding| finding.test.as_deref())
            .collect();
        let broken: Vec<String> = broken.iter().map(|test| format!("`{test}`")).collect();
        table::print(&[
            format!("{} {}", self.name, self.version),
            format!("{} of {}", free(report).count(), came(report).count()),
            exhausted.to_string(),
            format!("{schedules} ({cut} cut off)"),
            if broken.is_empty() {
                "nothing".to_owned()
            } else {
                broken.join(", ")
            },
        ])
    }
}

/// The tests, each with what its exploration came to.
fn came(report: &Report) -> impl Iterator<Item = (&Test, &Came)> {
    let tests = report.tests.iter();
    tests.filter_map(|test| Some((test, test.explored.as_ref()?)))
}

/// Those that could be explored.
fn free(report: &Report) -> impl Iterator<Item = (&Test, &Came)> {
    came(report).filter(|(_, came)| came.obstacle.is_none())
}
