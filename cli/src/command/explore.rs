//! `cargo unsnarl explore`: each test under many schedules, in a process of its own.

mod trial;

use std::path::Path;

use model::report::Report;

use self::trial::Trial;
use crate::args::ExploreArgs;
use crate::binaries;
use crate::command::test::{self, Aim};
use crate::duration::short;
use crate::error::{Error, ErrorKind};
use crate::exit::Exit;
use crate::settings::Runner;
use crate::shard;
use crate::shell::Shell;
use crate::trials;

/// What is said first of a test that met an obstacle.
const NOT_EXPLORABLE: &str = "not explorable, run as it is";
/// The same, where one schedule was to be followed.
const NOT_FOLLOWED: &str = "not shown again";

/// Explores the tests of the project around the current folder.
pub(crate) fn run(args: ExploreArgs, shell: Shell) -> Result<Exit, Error> {
    run_in(Path::new("."), args, shell)
}

/// Explores the tests of the project around this folder.
pub(crate) fn run_in(dir: &Path, args: ExploreArgs, shell: Shell) -> Result<Exit, Error> {
    trials::stop_on_ctrl_c();
    let shard = shard::read(args.shard.as_deref().filter(|_| args.replay.is_none()))?;
    let (mut job, project, runs) = test::prepare(dir, Aim::Explore, args.test.clone(), shell)?;
    if job.runner == Runner::Nextest {
        return Err(ErrorKind::NextestCampaign.into());
    }
    let subjects = match binaries::build(&mut job, &project, shell)? {
        Ok(subjects) => subjects,
        Err(exit) => return Ok(exit),
    };
    say_start(&args, subjects.len(), shell);
    let outcomes = trials::each(subjects, args.jobs, shell, |number, subject| {
        let trial = Trial {
            args: &args,
            job: &job,
            subject,
            number,
            shard,
        };
        trial.run()
    })?;
    if let Some(shim) = &job.shim {
        shim.warn_of_unwatched(&project, &job.args, shell);
    }
    let not_done = match args.replay {
        Some(_) => NOT_FOLLOWED,
        None => NOT_EXPLORABLE,
    };
    let clean = |report: &Report| judge(report, &args, shell);
    trials::conclude(outcomes, not_done, (&job, &project, &runs), shell, clean)
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

/// What a run without a finding comes to.
fn judge(report: &Report, args: &ExploreArgs, shell: Shell) -> Exit {
    if args.replay.is_some() {
        shell.warn("the schedule does not show it again: it may be cured, or the test was changed");
        return Exit::Inconclusive;
    }
    if !trials::has_explored(report) {
        shell.warn("no test could be explored");
        return Exit::Inconclusive;
    }
    Exit::Clean
}
