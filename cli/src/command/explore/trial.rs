//! One test: explored in a process of its own; if that does not work, run there as it is.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use model::finding::{Finding, Severity};
use model::report::Report;
use model::slug::{CRASH, PANIC};
use stress::child::{Ended, How};
use stress::ending::{self, TEST_FAILS};
use stress::shard::Shard;
use stress::subject::Subject;

use crate::args::ExploreArgs;
use crate::binaries;
use crate::cargo_args::CargoArgs;
use crate::error::Error;
use crate::runner::Job;
use crate::trials::{self, Outcome, read, said, seconds};

/// How long a process may take beyond the time for its schedules: the last one, and those that make a finding small.
const GRACE: Duration = Duration::from_secs(120);

/// A test, and how it is to be tried.
pub(super) struct Trial<'a> {
    pub(super) args: &'a ExploreArgs,
    pub(super) job: &'a Job,
    pub(super) subject: Subject,
    /// Tells it from the others.
    pub(super) number: usize,
    pub(super) shard: Shard,
}

impl Trial<'_> {
    /// Tries it.
    pub(super) fn run(self) -> Result<Outcome, Error> {
        let folder = self.job.report_dir.join(self.number.to_string());
        let mut outcome = Outcome {
            name: self.subject.name.clone(),
            reports: Vec::new(),
            failure: None,
        };
        let explored = self.start(self.variables(&folder))?;
        if explored.how == How::Stopped {
            return Ok(outcome);
        }
        outcome.reports = read(&folder);
        let obstacle = obstacle(&explored, &outcome.reports);
        let has_errors = outcome.reports.iter().any(Report::has_errors);
        if has_errors && self.args.replay.is_none() && fails_at_once(&outcome.reports) {
            return self.see_whether_it_fails_by_itself(&folder, outcome);
        }
        if explored.how == How::Exited(0) || has_errors {
            self.note(obstacle, &mut outcome.reports);
            return Ok(outcome);
        }
        // Its process did not come so far as to run it as it is.
        let folder = folder.join("plain");
        let plain = self.start(self.plain_variables(&folder))?;
        outcome.reports.extend(read(&folder));
        if plain.how == How::Exited(0) {
            outcome.reports.extend(self.death(&explored));
        } else if !outcome.reports.iter().any(Report::has_errors) {
            outcome.failure = Some(said(&plain));
        }
        let unlike = || Some("it fails there without a finding, and passes otherwise".to_owned());
        self.note(obstacle.or_else(unlike), &mut outcome.reports);
        Ok(outcome)
    }

    /// A test whose first schedule makes it fail may well do so in every run: then that is no finding.
    fn see_whether_it_fails_by_itself(
        &self,
        folder: &Path,
        mut outcome: Outcome,
    ) -> Result<Outcome, Error> {
        let plain = self.start(self.plain_variables(&folder.join("plain")))?;
        if plain.how != How::Exited(0) {
            outcome.failure = Some(said(&plain));
            for report in &mut outcome.reports {
                report.findings.retain(|finding| !is_failure(finding));
            }
            let why = Some("it fails by itself".to_owned());
            self.note(why, &mut outcome.reports);
        }
        Ok(outcome)
    }

    /// The end of a process that was neither the test's nor the explorer's doing, as far as anybody knows: the test passes as
    /// it is. Which schedule it was died with the process, so this is a warning.
    fn death(&self, explored: &Ended) -> Option<Report> {
        let is_death = match explored.how {
            How::Signalled(_) => true,
            How::Exited(code) => ![0, TEST_FAILS].contains(&code),
            _ => false,
        };
        let mut finding = ending::finding(&self.subject, explored, &self.job.dir)?;
        finding.severity = Severity::Warning;
        finding.test = Some(self.subject.name.clone());
        let note = "so it was in some schedule; it passes as it is";
        finding.notes.push(note.to_owned());
        let mut report = Report::new();
        report.findings.push(finding);
        is_death.then_some(report)
    }

    fn start(&self, variables: Vec<(OsString, OsString)>) -> Result<Ended, Error> {
        trials::start(&self.subject, variables, self.args.time + GRACE)
    }

    fn plain_variables(&self, folder: &Path) -> Vec<(OsString, OsString)> {
        let mut variables = vec![
            ("UNSNARL_EXPLORE".into(), "0".into()),
            ("UNSNARL_REPORT_DIR".into(), folder.into()),
            ("UNSNARL_ON_FINDING".into(), "record".into()),
        ];
        let wishes = self.job.wishes();
        variables.extend(wishes.map(|(name, value)| (name.into(), value.into())));
        variables
    }

    fn variables(&self, folder: &Path) -> Vec<(OsString, OsString)> {
        let args = self.args;
        let number = |number: u64| number.to_string();
        let wishes = [
            ("UNSNARL_EXPLORE", Some("1".to_owned())),
            ("UNSNARL_ALONE", Some("1".to_owned())),
            ("UNSNARL_SCHEDULES", args.schedules.map(number)),
            ("UNSNARL_SEED", args.seed.map(number)),
            ("UNSNARL_STRATEGY", args.strategy.clone()),
            ("UNSNARL_REPLAY", args.replay.clone()),
            ("UNSNARL_TIME", Some(seconds(args.time))),
            ("UNSNARL_PATIENCE", Some(seconds(args.patience))),
            (
                "UNSNARL_KEEP_GOING",
                args.keep_going.then(|| "on".to_owned()),
            ),
            (
                "UNSNARL_SHARD",
                (self.shard.count > 1).then(|| self.shard.to_string()),
            ),
            ("UNSNARL_AGAIN", Some(self.again())),
        ];
        let wishes = wishes
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        let wishes = wishes.chain(args.kind.variables());
        let mut variables = self.plain_variables(folder);
        variables.extend(wishes.map(|(name, value)| (name.into(), value.into())));
        variables
    }

    /// What to type to see a finding again, with `{}` for the token.
    fn again(&self) -> String {
        let args = CargoArgs {
            cargo: self.job.args.cargo.clone(),
            tests: binaries::only(&self.subject.name, &self.job.args.tests),
        };
        let (shim, kind, words) = (self.job.shim_flag(), self.args.kind.pasted(), args.pasted());
        format!("cargo unsnarl explore{shim}{kind} --replay {{}}{words}")
    }

    /// Notes that the test was not explored, if something was in the way.
    fn note(&self, obstacle: Option<String>, reports: &mut Vec<Report>) {
        if let Some(obstacle) = obstacle {
            trials::note(&self.subject, obstacle, reports);
        }
    }
}

/// Whether a finding is that the test fails.
fn is_failure(finding: &Finding) -> bool {
    [PANIC, CRASH].contains(&&*finding.slug)
}

/// Whether all that was found is that the test fails, and the first schedule shows it.
fn fails_at_once(reports: &[Report]) -> bool {
    let mut findings = reports.iter().flat_map(|report| &report.findings);
    let mut tests = reports.iter().flat_map(|report| &report.tests);
    findings.all(|finding| is_failure(finding) || !finding.fails())
        && tests.any(|test| test.first_hit == Some(1))
}

/// Why a test was not explored, if it was not.
fn obstacle(ended: &Ended, reports: &[Report]) -> Option<String> {
    let mut tests = reports.iter().flat_map(|report| &report.tests);
    let explored = tests.find_map(|test| test.explored.as_ref());
    let said = explored.and_then(|explored| explored.obstacle.clone());
    let how = match &ended.how {
        How::Signalled(signal) => format!(
            "its process was ended by signal {signal}; perhaps a thread needs more stack than 1 MiB"
        ),
        How::TooLong(_) | How::Still(_) => "its process did not come to its end in time".to_owned(),
        _ if explored.is_some() => return said,
        How::Exited(code) if ![0, TEST_FAILS].contains(code) => {
            format!("its process ended with exit code {code}")
        }
        _ => "it does not run as an explored test: its attribute is not `std`'s, or its body is not a plain one"
            .to_owned(),
    };
    Some(said.unwrap_or(how))
}
