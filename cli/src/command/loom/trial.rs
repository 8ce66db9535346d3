//! One test, run by loom in a process of its own.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use model::report::Report;
use stress::child::{Ended, How};
use stress::subject::Subject;

use super::Limits;
use crate::binaries;
use crate::cargo_args::CargoArgs;
use crate::error::Error;
use crate::runner::Job;
use crate::trials::{self, Outcome, read, said, seconds};

/// How long a process may take beyond the time for its executions: for the last one, which nothing else ends.
const GRACE: Duration = Duration::from_secs(10);

/// A test, and how far loom is to go with it.
pub(super) struct Trial<'a> {
    pub(super) limits: Limits,
    pub(super) job: &'a Job,
    pub(super) subject: Subject,
    /// Tells it from the others.
    pub(super) number: usize,
}

impl Trial<'_> {
    /// Tries it.
    pub(super) fn run(self) -> Result<Outcome, Error> {
        let folder = self.job.report_dir.join(self.number.to_string());
        let limit = self.limits.time + GRACE;
        let ended = trials::start(&self.subject, self.variables(&folder), limit)?;
        let mut outcome = Outcome {
            name: self.subject.name.clone(),
            reports: read(&folder),
            failure: None,
        };
        self.name(&mut outcome.reports);
        let has_errors = outcome.reports.iter().any(Report::has_errors);
        if ended.how == How::Stopped || has_errors {
            return Ok(outcome);
        }
        if let Some(obstacle) = obstacle(&ended, &outcome.reports) {
            trials::note(&self.subject, obstacle, &mut outcome.reports);
        } else if ended.how != How::Exited(0) {
            outcome.failure = Some(said(&ended));
        }
        Ok(outcome)
    }

    fn variables(&self, folder: &Path) -> Vec<(OsString, OsString)> {
        let mut variables = vec![
            ("UNSNARL_REPORT_DIR".into(), folder.into()),
            ("UNSNARL_TIME".into(), seconds(self.limits.time).into()),
        ];
        let schedules = self.limits.schedules;
        variables.extend(
            schedules.map(|schedules| ("UNSNARL_SCHEDULES".into(), schedules.to_string().into())),
        );
        variables
    }

    /// Says whose the reports are: the process knows its thread only, and not how to be run again.
    fn name(&self, reports: &mut [Report]) {
        let name = &self.subject.name;
        for report in reports {
            for test in &mut report.tests {
                test.name.clone_from(name);
            }
            for finding in &mut report.findings {
                finding.test = Some(name.clone());
                finding.replay = Some(self.again());
            }
        }
    }

    /// What to type to see a finding again: loom always goes the same way.
    fn again(&self) -> String {
        let args = CargoArgs {
            cargo: self.job.args.cargo.clone(),
            tests: binaries::only(&self.subject.name, &self.job.args.tests),
        };
        format!("cargo unsnarl test --engine loom{}", args.pasted())
    }
}

/// What loom says where one of its objects is used and no model runs.
const OUTSIDE: &str = "outside a Loom model";

/// Why a test was not explored, if it was not: what its process says of it, and else how that ended.
fn obstacle(ended: &Ended, reports: &[Report]) -> Option<String> {
    let mut tests = reports.iter().flat_map(|report| &report.tests);
    let explored = tests.find_map(|test| test.explored.as_ref());
    let told = explored.and_then(|explored| explored.obstacle.clone());
    let how = match &ended.how {
        How::TooLong(_) | How::Still(_) => "its process did not come to its end in time".to_owned(),
        How::Signalled(signal) => format!(
            "its process was ended by signal {signal}; perhaps a thread needs more stack than loom's 32 KiB"
        ),
        _ if explored.is_some() => return told,
        _ if ended.stderr.contains(OUTSIDE) => {
            "it uses a lock, an atomic or a thread outside of `unsnarl::check`, where loom has none"
                .to_owned()
        }
        How::Exited(0) => {
            "nothing in it calls `unsnarl::check`, so loom had nothing to run".to_owned()
        }
        _ => return None,
    };
    Some(told.unwrap_or(how))
}
