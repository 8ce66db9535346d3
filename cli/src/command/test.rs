//! `cargo unsnarl test`: the main job.

use std::env;
use std::path::{Path, PathBuf};

use crate::args::{Engine, TestArgs, TestOrLoomArgs};
use crate::cargo_args::CargoArgs;
use crate::command::loom;
use crate::conclusion;
use crate::error::Error;
use crate::exit::Exit;
use crate::forms;
use crate::optimise;
use crate::project::Project;
use crate::runner::{self, Job};
use crate::runs::Runs;
use crate::selection;
use crate::settings::{Reach, Settings};
use crate::shell::Shell;
use crate::shim::{Mode, Shim, next};
use crate::subject::Subject;
use crate::switch::{
    self,
    lead::{ENGINES, LOOM, Wanted},
};

/// Runs the tests of the project around the current folder, or has loom run them.
pub(crate) fn run(args: TestOrLoomArgs, shell: Shell) -> Result<Exit, Error> {
    match args.engine {
        None => run_in(Path::new("."), args.test, shell),
        Some(Engine::Loom) => loom::run(args, shell),
    }
}

/// What a project is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// What its tests do is watched.
    Watch,
    /// They are run under many schedules.
    Explore,
    /// Loom runs them.
    Loom,
}

/// Runs the tests of the project around this folder.
pub(crate) fn run_in(dir: &Path, args: TestArgs, shell: Shell) -> Result<Exit, Error> {
    // Cargo and the tests end by themselves; what they have found until then is still to be shown.
    let _ = ctrlc::set_handler(|| {});
    let (mut job, project, runs) = prepare(dir, Aim::Watch, args, shell)?;
    let tests = job.run(&project, shell)?;
    conclusion::draw(&mut job, tests, &project, &runs, shell)
}

/// Finds out what is to be built and run, and makes ready for it.
pub(crate) fn prepare(
    dir: &Path,
    aim: Aim,
    args: TestArgs,
    shell: Shell,
) -> Result<(Job, Project, Runs), Error> {
    let cargo_args = CargoArgs::new(args.rest);
    // What is wrong with the project itself is said in one line, before cargo begins to download.
    let members = Project::read_members(dir, &cargo_args)?;
    next::wrapper(members.config())?;
    let project = Project::read(dir, &cargo_args, shell)?;
    let settings = Settings::read(project.workspace_root())?;
    let runs = match args.report_dir {
        Some(folder) => Runs::at(dir.join(folder)),
        None => Runs::of(&project),
    };
    next::warn_of_left_behind(shell);
    let wanted = args.shim.or(settings.shim.mode).unwrap_or_default();
    let (reach, switch) = match (wanted, aim) {
        // Its types are other ones than the standard library's.
        (_, Aim::Loom) => (Reach::None, switch_on(LOOM, &project, &cargo_args, shell)?),
        // Plain tests are only explored where `#[test]` is ours.
        (Reach::Auto, Aim::Explore) => (Reach::All, Vec::new()),
        _ => way_in(wanted, &project, &cargo_args, shell)?,
    };
    if aim != Aim::Loom {
        say(reach, shell);
    }
    let mode = match aim {
        Aim::Explore => Mode::Explored,
        Aim::Watch | Aim::Loom => Mode::Watched,
    };
    let choice = &settings.shim;
    let shim = match Shim::prepare(reach, mode, choice, &project, dir, &cargo_args, shell) {
        Err(error) if (wanted, mode) == (Reach::Auto, Mode::Watched) && error.is_of_ground() => {
            shell.warn(format_args!("nothing is watched: {}", error.full()));
            if let Some(help) = error.help() {
                shell.help(help);
            }
            None
        }
        shim => shim?,
    };
    let job = Job {
        dir: dir.to_owned(),
        switch,
        shim,
        asked: args.shim,
        args: cargo_args,
        subject: Subject::Test,
        profile: None,
        runner: args.runner.or(settings.runner).unwrap_or_default(),
        on_finding: args.on_finding.or(settings.on_finding).unwrap_or_default(),
        deps: args.deps.or(settings.deps).unwrap_or_default(),
        backtrace: args.backtrace,
        leaks: args.leaks,
        report_dir: start(&runs, shell)?,
        format: args.message_format,
        forms: forms::with_surroundings(args.forms, args.message_format),
    };
    Ok((job, project, runs))
}

/// Which crates are watched as they are; and, if none, the arguments for cargo that switch `unsnarl` on.
fn way_in(
    reach: Reach,
    project: &Project,
    args: &CargoArgs,
    shell: Shell,
) -> Result<(Reach, Vec<String>), Error> {
    match reach {
        Reach::None => Ok((reach, switch_on(ENGINES, project, args, shell)?)),
        Reach::Auto => match switch_on(ENGINES, project, args, shell) {
            Ok(switch) => Ok((Reach::None, switch)),
            Err(error) if error.is_of_switch() => Ok((Reach::All, Vec::new())),
            Err(error) => Err(error),
        },
        // What is written for `unsnarl::sync` then means `std::sync`, and is watched as that.
        Reach::Workspace | Reach::Tokio | Reach::All => Ok((reach, Vec::new())),
    }
}

fn say(reach: Reach, shell: Shell) {
    match reach {
        Reach::Auto => {}
        Reach::None => shell.status(
            "Watching",
            "what uses `unsnarl`; with `--shim all`, all crates",
        ),
        Reach::Workspace => shell.status("Watching", "the crates of the workspace, as they are"),
        Reach::Tokio => shell.status(
            "Watching",
            "the crates of the workspace, as they are, and their tasks",
        ),
        Reach::All => shell.status("Watching", "all crates, as they are"),
    }
}

/// Arguments for cargo that switch what is wanted of `unsnarl` on in the selected packages, and make it fast. Says where it
/// stays off.
pub(crate) fn switch_on(
    wanted: Wanted,
    project: &Project,
    args: &CargoArgs,
    shell: Shell,
) -> Result<Vec<String>, Error> {
    let selected = selection::select(project, args)?;
    let switches = switch::find(wanted, project, &selected)?;
    if !switches.features.is_empty() {
        for need in &switches.needs {
            shell.warn(need);
            shell.help(need.help());
        }
    }
    let mut arguments = runner::with_features(&switches.features(&selected)?);
    arguments.extend(optimise::arguments(wanted, project, &args.profile()));
    Ok(arguments)
}

/// A folder for the reports; where the target folder cannot be written, one for temporary files.
fn start(runs: &Runs, shell: Shell) -> Result<PathBuf, Error> {
    let run = runs.start().or_else(|error| {
        shell.warn(format_args!(
            "{}; reports of this run go to a temporary folder",
            error.full()
        ));
        Runs::at(env::temp_dir().join("unsnarl")).start()
    })?;
    run.canonicalize().map_err(Error::read(&run))
}
