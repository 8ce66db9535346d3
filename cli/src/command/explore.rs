//! `cargo unsnarl explore`: each test under many schedules, in a process of its own.

mod table;
mod trial;

use std::collections::VecDeque;
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use model::report::Report;
use render::source::Sources;
use stress::shard::Shard;
use stress::subject::Subject;

use self::trial::{Outcome, Trial};
use crate::args::{ExploreArgs, MessageFormat};
use crate::baseline::Baseline;
use crate::binaries;
use crate::command::test;
use crate::conclusion;
use crate::duration::short;
use crate::error::{Error, ErrorKind};
use crate::exit::Exit;
use crate::forms;
use crate::merge;
use crate::owners::Owners;
use crate::progress;
use crate::project::Project;
use crate::runner::Job;
use crate::runs::Runs;
use crate::settings::Runner;
use crate::shard;
use crate::shell::Shell;
use crate::shim::Mode;

/// Set by Ctrl-C: no test is begun any more, and those that run are ended.
static STOP: AtomicBool = AtomicBool::new(false);

/// Explores the tests of the project around the current folder.
pub(crate) fn run(args: ExploreArgs, shell: Shell) -> Result<Exit, Error> {
    run_in(Path::new("."), args, shell)
}

/// Explores the tests of the project around this folder.
pub(crate) fn run_in(dir: &Path, args: ExploreArgs, shell: Shell) -> Result<Exit, Error> {
    // SeqCst: a flag for people.
    let _ = ctrlc::set_handler(|| STOP.store(true, Ordering::SeqCst));
    let shard = shard::read(args.shard.as_deref().filter(|_| args.replay.is_none()))?;
    let (mut job, project, runs) = test::prepare(dir, Mode::Explored, args.test.clone(), shell)?;
    if job.runner == Runner::Nextest {
        return Err(ErrorKind::NextestCampaign.into());
    }
    let subjects = match binaries::build(&mut job, &project, shell)? {
        Ok(subjects) => subjects,
        Err(exit) => return Ok(exit),
    };
    say_start(&args, subjects.len(), shell);
    let outcomes = try_all((&args, shard), &job, subjects, shell)?;
    if let Some(shim) = &job.shim {
        shim.warn_of_unwatched(&project, &job.args, shell);
    }
    conclude(outcomes, &args, &job, &project, &runs, shell)
}

fn say_start(args: &ExploreArgs, tests: usize, shell: Shell) {
    let word = if tests == 1 { "test" } else { "tests" };
    let how = match &args.replay {
        Some(token) => format!("along `{token}`"),
        None => format!(
            "{} schedules each, at most {}, seed {}",
            args.schedules.unwrap_or(1_000),
            short(args.time),
            args.seed.unwrap_or(0)
        ),
    };
    shell.status("Exploring", format_args!("{tests} {word}, {how}"));
}

/// Tries each test, several at a time. What comes of them stays in their order.
fn try_all(
    (args, shard): (&ExploreArgs, Shard),
    job: &Job,
    subjects: Vec<Subject>,
    shell: Shell,
) -> Result<Vec<Outcome>, Error> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let jobs = args.jobs.and_then(|jobs| usize::try_from(jobs).ok());
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
            let trial = Trial {
                args,
                job,
                subject,
                number,
                shard,
                stop: &STOP,
            };
            let outcome = trial.run();
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

/// Shows and keeps what was found.
fn conclude(
    outcomes: Vec<Outcome>,
    args: &ExploreArgs,
    job: &Job,
    project: &Project,
    runs: &Runs,
    shell: Shell,
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
        let not_done = match args.replay {
            Some(_) => table::NOT_FOLLOWED,
            None => table::NOT_EXPLORABLE,
        };
        shell.result(table::tests(&report.tests, not_done))?;
        shell.result(format_args!("report: {}\n", kept?.display()))?;
    }
    Ok(judge(&report, fails_by_itself, args, shell))
}

fn judge(report: &Report, fails_by_itself: bool, args: &ExploreArgs, shell: Shell) -> Exit {
    let was_explored = |test: &model::report::Test| {
        let explored = test.explored.as_ref();
        explored.is_some_and(|explored| explored.obstacle.is_none())
    };
    if report.has_errors() {
        return Exit::Findings;
    }
    if fails_by_itself {
        return Exit::TestsFail;
    }
    // SeqCst: a flag for people.
    if STOP.load(Ordering::SeqCst) {
        return Exit::Inconclusive;
    }
    if args.replay.is_some() {
        shell.warn("the schedule does not show it again: it may be cured, or the test was changed");
        return Exit::Inconclusive;
    }
    if !report.tests.iter().any(was_explored) {
        shell.warn("no test could be explored");
        return Exit::Inconclusive;
    }
    Exit::Clean
}
