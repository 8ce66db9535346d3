//! Tests that are each tried in a process of their own, several at a time, and what comes of them.

pub(crate) mod table;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use model::report::{Explored, Report, Test};
use render::source::Sources;
use stress::child::{self, Ended, How, Order};
use stress::subject::Subject;

use crate::args::MessageFormat;
use crate::baseline::Baseline;
use crate::collect;
use crate::conclusion;
use crate::error::Error;
use crate::exit::Exit;
use crate::forms;
use crate::merge;
use crate::owners::Owners;
use crate::progress;
use crate::project::Project;
use crate::runner::Job;
use crate::runs::Runs;
use crate::shell::Shell;

/// How much of a test's output is kept from its beginning, and as much from its end, in bytes.
const KEPT: usize = 16 * 1024;

/// Set by Ctrl-C: no test is begun any more, and those that run are ended.
static STOP: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl-C ends the trials, and what they have come to is still shown.
pub(crate) fn stop_on_ctrl_c() {
    // SeqCst: a flag for people.
    let _ = ctrlc::set_handler(|| STOP.store(true, Ordering::SeqCst));
}

/// Whether somebody wants an end.
pub(crate) fn is_stopped() -> bool {
    // SeqCst: a flag for people.
    STOP.load(Ordering::SeqCst)
}

/// What came of a test.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) name: String,
    /// Of its processes. One of them says how its exploration went.
    pub(crate) reports: Vec<Report>,
    /// What it said, if it fails without any finding.
    pub(crate) failure: Option<String>,
}

/// Tries each test, so many at a time. What comes of them stays in their order.
pub(crate) fn each(
    subjects: Vec<Subject>,
    jobs: Option<u64>,
    shell: Shell,
    attempt: impl Fn(usize, Subject) -> Result<Outcome, Error> + Sync,
) -> Result<Vec<Outcome>, Error> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let jobs = jobs.and_then(|jobs| usize::try_from(jobs).ok());
    let bar = progress::bar(shell, "Exploring", subjects.len());
    let left: Mutex<VecDeque<(usize, Subject)>> =
        Mutex::new(subjects.into_iter().enumerate().collect());
    let next = || {
        left.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    };
    let done = Mutex::new(Vec::new());
    let work = || {
        while let Some((number, subject)) = next() {
            let outcome = attempt(number, subject);
            bar.inc(1);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push((number, outcome));
        }
    };
    thread::scope(|scope| {
        for _ in 0..jobs.unwrap_or(cores) {
            scope.spawn(work);
        }
    });
    bar.finish_and_clear();
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Runs a test in a process of its own, with these variables, and at most so long.
pub(crate) fn start(
    subject: &Subject,
    variables: Vec<(OsString, OsString)>,
    limit: Duration,
) -> Result<Ended, Error> {
    let order = Order {
        program: subject.program.clone(),
        args: subject.args(),
        dir: subject.dir.clone(),
        variables: [subject.variables.clone(), variables].concat(),
        limit,
        folder: None,
        kept: KEPT,
    };
    let ended = child::run(&order, &is_stopped);
    ended.map_err(Error::start(&order.program.to_string_lossy()))
}

/// The reports that the processes of a trial have left in this folder.
pub(crate) fn read(folder: &Path) -> Vec<Report> {
    collect::read_each(folder).unwrap_or_default()
}

/// A duration as the variables of a test process have it.
pub(crate) fn seconds(duration: Duration) -> String {
    duration.as_secs_f64().to_string()
}

/// What a test said that fails.
pub(crate) fn said(ended: &Ended) -> String {
    let how = match &ended.how {
        How::TooLong(_) | How::Still(_) => "it does not come to its end\n",
        _ => "",
    };
    let said = format!("{how}{}{}", ended.stdout, ended.stderr);
    said.trim_end().to_owned()
}

/// Notes that a test was not explored, and why.
pub(crate) fn note(subject: &Subject, obstacle: String, reports: &mut Vec<Report>) {
    let mut tests = reports.iter_mut().flat_map(|report| &mut report.tests);
    if let Some(explored) = tests.find_map(|test| test.explored.as_mut()) {
        explored.obstacle = Some(obstacle);
        return;
    }
    let mut test = Test::new(&*subject.process, &*subject.name);
    let mut explored = Explored::default();
    explored.obstacle = Some(obstacle);
    test.explored = Some(explored);
    let mut report = Report::new();
    report.tests.push(test);
    reports.push(report);
}

/// Shows and keeps what was found, and returns what the command ends with: for a run without a finding, what `clean`
/// makes of its report.
pub(crate) fn conclude(
    outcomes: Vec<Outcome>,
    not_done: &str,
    (job, project, runs): (&Job, &Project, &Runs),
    shell: Shell,
    clean: impl FnOnce(&Report) -> Exit,
) -> Result<Exit, Error> {
    let root = project.workspace_root();
    let mut fails_by_itself = false;
    let mut reports = Vec::new();
    for outcome in outcomes {
        if let Some(said) = outcome.failure {
            fails_by_itself = true;
            let name = &outcome.name;
            shell.warn(format_args!("`{name}` fails by itself:\n{said}"));
        }
        reports.extend(outcome.reports);
    }
    let mut report = merge::merge(reports);
    render::names::resolve(&mut report, &Sources::with_root(root));
    Owners::of(project).apply(&mut report, job.deps);
    let baseline = Baseline::read(root)?;
    let _ = baseline.accept(&mut report);
    let shown = conclusion::show(&report, job.format, root, shell);
    let kept = runs.replace_latest(&render::json::to_string(&report));
    forms::write(&job.forms, &report, root, &runs.latest(), shell)?;
    shown?;
    if job.format == MessageFormat::Human {
        shell.result(table::tests(&report.tests, not_done))?;
        shell.result(format_args!("report: {}\n", kept?.display()))?;
    }
    Ok(if report.has_errors() {
        Exit::Findings
    } else if fails_by_itself {
        Exit::TestsFail
    } else if is_stopped() {
        Exit::Inconclusive
    } else {
        clean(&report)
    })
}

/// Whether some test was explored.
pub(crate) fn has_explored(report: &Report) -> bool {
    let mut explored = report
        .tests
        .iter()
        .filter_map(|test| test.explored.as_ref());
    explored.any(|explored| explored.obstacle.is_none())
}
