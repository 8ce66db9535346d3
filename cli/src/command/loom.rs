//! `cargo unsnarl test --engine loom`: the tests that call `unsnarl::check`, each run by loom in a process of its own.

mod trial;

use std::env;
use std::path::Path;
use std::time::Duration;

use model::report::Report;

use self::trial::Trial;
use crate::args::{TestArgs, TestOrLoomArgs};
use crate::binaries;
use crate::command::test::{self, Aim};
use crate::duration::{self, short};
use crate::error::{Error, ErrorKind};
use crate::exit::Exit;
use crate::runner::Built;
use crate::settings::{Reach, Runner};
use crate::shell::Shell;
use crate::switch::lead::{ENGINES, LOOM};
use crate::trials;

/// How long loom may take for a test, if nobody says.
const TIME: Duration = Duration::from_secs(60);

/// What is said first of a test that loom has not explored.
const NOT_EXPLORED: &str = "not explored";

/// How far loom goes with each test.
#[derive(Clone, Copy, Debug)]
struct Limits {
    schedules: Option<u64>,
    time: Duration,
}

/// Has loom run the tests of the project around the current folder.
pub(crate) fn run(args: TestOrLoomArgs, shell: Shell) -> Result<Exit, Error> {
    trials::stop_on_ctrl_c();
    let limits = Limits::of(&args)?;
    warn_of_idle(&args.test, shell);
    let (mut job, project, runs) = test::prepare(Path::new("."), Aim::Loom, args.test, shell)?;
    if job.runner == Runner::Nextest {
        return Err(ErrorKind::NextestCampaign.into());
    }
    let built = job.build_tests(&project, shell)?;
    refuse_both_engines(&built)?;
    let subjects = match binaries::select(&built, &job, &project, shell) {
        Ok(subjects) => subjects,
        Err(exit) => {
            explain(&built, shell);
            return Ok(exit);
        }
    };
    let word = if subjects.len() == 1 { "test" } else { "tests" };
    let (count, time) = (subjects.len(), short(limits.time));
    shell.status(
        "Exploring",
        format_args!("{count} {word} with loom, at most {time} each"),
    );
    let jobs = job.args.values(&["--jobs", "-j"]).pop();
    let jobs = jobs.and_then(|jobs| jobs.parse().ok());
    let outcomes = trials::each(subjects, jobs, shell, |number, subject| {
        let trial = Trial {
            limits,
            job: &job,
            subject,
            number,
        };
        trial.run()
    })?;
    let clean = |report: &Report| judge(report, shell);
    trials::conclude(
        outcomes,
        NOT_EXPLORED,
        (&job, &project, &runs),
        shell,
        clean,
    )
}

impl Limits {
    /// What the flags say, or else the environment.
    fn of(args: &TestOrLoomArgs) -> Result<Self, Error> {
        let said = env::var("UNSNARL_TIME")
            .ok()
            .filter(|text| !text.is_empty());
        let said = said.map(|text| {
            duration::parse(&text).map_err(|why| {
                let name = "UNSNARL_TIME";
                Error::from(ErrorKind::Variable { name, text, why })
            })
        });
        Ok(Self {
            schedules: args.schedules,
            time: args.time.map_or_else(|| said.unwrap_or(Ok(TIME)), Ok)?,
        })
    }
}

/// Says what has no effect under loom.
fn warn_of_idle(args: &TestArgs, shell: Shell) {
    if args.shim.is_some_and(|reach| reach != Reach::None) {
        shell.warn("`--shim` is left out: loom runs what is written for `unsnarl::sync` only");
    }
}

/// An engine that some package switches on for itself goes before loom.
fn refuse_both_engines(built: &Built) -> Result<(), Error> {
    let has = |feature: &str| built.features.iter().flatten().any(|one| one == feature);
    let engine = ENGINES.iter().find(|engine| has(engine));
    match engine {
        Some(engine) if LOOM.iter().any(|loom| has(loom)) => {
            Err(ErrorKind::BothEngines { engine }.into())
        }
        _ => Ok(()),
    }
}

/// Says why tests do not build, where that is because loom's types are other ones.
fn explain(built: &Built, shell: Shell) {
    let is_said = |words: &[&str]| {
        let mut said = built.said.iter();
        said.any(|text| words.iter().all(|word| text.contains(word)))
    };
    if is_said(&["E0015", "static"]) || is_said(&["E0015", "constant"]) {
        shell.help(
            "loom makes its objects anew in each execution, so none can be in a `static` or `const`: make it in the closure \
             of `unsnarl::check`, or leave it out of this build: `#[cfg(not(feature = \"loom\"))]`, with a feature \
             `loom = [\"unsnarl/loom\"]` of your own",
        );
    } else if is_said(&["unsnarl::sync", "Weak"]) || is_said(&["Arc<dyn"]) || is_said(&["Arc<["]) {
        shell.help(
            "loom's `Arc` has no `Weak`, and does not turn into one of a trait or a slice: name `std::sync::Arc` there",
        );
    }
}

/// What a run without a finding comes to.
fn judge(report: &Report, shell: Shell) -> Exit {
    if trials::has_explored(report) {
        return Exit::Clean;
    }
    shell.warn("loom has explored no test");
    shell.help("let tests run their threads in `unsnarl::check(|| …)`, or mark them with `#[unsnarl::test]`");
    Exit::Inconclusive
}
