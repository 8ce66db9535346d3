//! The tests of one crate, plain and watched.

use std::collections::BTreeSet;
use std::env;
use std::path::Path;
use std::process::{Command, Output};

use libtest_mimic::{Completion, Failed};
use model::report::Report;

use crate::comparison::{self, Ends};
use crate::record::{End, Record};
use crate::sandbox::{self, Result};
use crate::stranger;
use crate::suites::{Size, Suite};
use crate::table;
use crate::times::{Time, Times};

/// How often each suite is run.
const TIMES: &str = "STRANGERS_TIMES";

/// A run under the tool.
#[derive(Debug)]
pub(crate) struct Watched {
    /// What its test programs did.
    pub(crate) records: Vec<Record>,
    /// What was found in them.
    pub(crate) report: Report,
    /// What of it was not watched, and why.
    pub(crate) unwatched: Vec<String>,
}

impl Watched {
    /// What of it was not watched, as a cell of the table.
    pub(crate) fn cell_of_unwatched(&self) -> String {
        let things = self.unwatched.iter();
        let things = things.map(|words| words.split(", ").next().unwrap_or(words));
        things.collect::<Vec<_>>().join(", ")
    }
}

impl Suite {
    /// The name of the trial.
    pub(crate) fn id(&self) -> String {
        let size = match self.size {
            Size::Small => "small",
            Size::Large => "large",
        };
        format!("{size}::{}", self.name)
    }

    /// Runs it plain and watched, prints its row and fails where it is worse watched than plain.
    pub(crate) fn check(&self) -> std::result::Result<Completion, Failed> {
        let folder = match stranger::fetch(self.name, self.version) {
            Ok(folder) => folder,
            Err(error) => return Ok(skipped(&error)),
        };
        let times = env::var(TIMES).ok().and_then(|times| times.parse().ok());
        let mut runs = Vec::new();
        for _ in 0..times.unwrap_or(1) {
            runs.push((
                self.plain(&folder)?,
                watched(sandbox::unsnarl(&folder)?, self.arguments)?,
            ));
        }
        let failures: BTreeSet<String> = runs
            .iter()
            .flat_map(|(plain, watched)| self.judge(plain, watched))
            .collect();
        self.tell_row(&runs)?;
        if failures.is_empty() {
            return Ok(Completion::Completed);
        }
        Err(Vec::from_iter(failures).join("\n").into())
    }

    fn plain(&self, folder: &Path) -> Result<Vec<Record>> {
        let records = sandbox::fresh_records()?;
        let mut cargo = sandbox::cargo(folder);
        cargo
            .args(["test", "--offline", "--no-fail-fast"])
            .args(self.arguments);
        let output = sandbox::said(sandbox::record(&mut cargo, &records))?;
        let records = Record::read_all(&records)?;
        if records.is_empty() {
            return Err(format!("its tests do not build\n{}", stderr(&output)));
        }
        Ok(records)
    }

    fn judge(&self, plain: &[Record], watched: &Watched) -> Vec<String> {
        let (ends, watched_ends) = (Ends::of(plain), Ends::of(&watched.records));
        let mut failures = ends.worse(&watched_ends, self);
        failures.extend(ends.stale(self));
        failures.extend(comparison::unknown(&watched.report.findings, self));
        failures
    }

    /// What `docs/strangers.md` has of it.
    fn tell_row(&self, runs: &[(Vec<Record>, Watched)]) -> Result<()> {
        let Some((plain, watched)) = runs.last() else {
            return Ok(());
        };
        let (ends, watched_ends) = (Ends::of(plain), Ends::of(&watched.records));
        let times = Times {
            plain: Time::least(runs.iter().map(|run| Time::of(&run.0))),
            watched: Time::least(runs.iter().map(|run| Time::of(&run.1.records))),
        };
        table::tell(&[
            format!("{} {}", self.name, self.version),
            format!(
                "{} → {}",
                ends.count(End::Passed),
                watched_ends.count(End::Passed)
            ),
            times.cpu(),
            times.wall(),
            watched.report.findings.len().to_string(),
            watched.report.graph.edges.len().to_string(),
            watched.cell_of_unwatched(),
        ])
    }
}

/// A trial that needs what cannot be had.
pub(crate) fn skipped(error: &str) -> Completion {
    Completion::ignored_with(format!("it cannot be fetched: {error}"))
}

/// The tests that these arguments select, under the tool, called with this command.
pub(crate) fn watched(mut unsnarl: Command, arguments: &[&str]) -> Result<Watched> {
    let records = sandbox::fresh_records()?;
    unsnarl
        .args(["test", "--shim", "all", "--message-format", "json"])
        .args(["--offline", "--no-fail-fast"])
        .args(arguments);
    let output = sandbox::said(sandbox::record(&mut unsnarl, &records))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let report = render::json::from_str(&text)
        .map_err(|error| format!("no report: {error}\n{}", stderr(&output)))?;
    Ok(Watched {
        records: Record::read_all(&records)?,
        report,
        unwatched: unwatched(&stderr(&output)),
    })
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The tool's words about what it does not watch.
fn unwatched(stderr: &str) -> Vec<String> {
    let lines = stderr
        .lines()
        .filter_map(|line| line.split_once("not watched: "));
    lines.map(|(_, words)| words.to_owned()).collect()
}
