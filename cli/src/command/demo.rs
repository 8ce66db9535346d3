//! `cargo unsnarl demo`: the main job on `examples/bank` and on a published crate, a plain test explored, then every
//! fixture beside its cured twin.

mod explored;
mod fixtures;
mod stranger;

use std::path::{Path, PathBuf};

use crate::args::{MessageFormat, TestArgs};
use crate::cargo_args::CargoArgs;
use crate::command::test;
use crate::error::{Error, ErrorKind};
use crate::exit::Exit;
use crate::project::Project;
use crate::runs::Runs;
use crate::shell::Shell;

const BANK: &str = "bank";

/// Shows what unsnarl does, and whether it does what it should.
pub(crate) fn run(shell: Shell) -> Result<Exit, Error> {
    let (project, bank) = repository()?;
    shell.status("Showing", "`cargo unsnarl test` in `examples/bank`");
    let found = test::run_in(&bank, the_usual(), shell)?;
    stranger::run(&project, the_usual(), shell)?;
    let hidden = explored::run(&project, the_usual(), shell)?;
    let rows = fixtures::run_all(&project, shell)?;
    shell.result(format_args!("\n{}", fixtures::table(&rows)))?;
    let right = rows.iter().filter(|row| row.is_right()).count();
    shell.result(format_args!(
        "{right} of {} programs as expected\n",
        rows.len()
    ))?;
    shell.result(format_args!(
        "report of the bank: {}\n",
        Runs::of(&project).latest().display()
    ))?;
    let are_found = [found, hidden] == [Exit::Findings; 2];
    let is_as_it_should = are_found && right == rows.len();
    Ok(if is_as_it_should {
        Exit::Clean
    } else {
        Exit::Internal
    })
}

/// The repository around the current folder, and the folder of the bank in it.
fn repository() -> Result<(Project, PathBuf), Error> {
    let elsewhere = || Error::from(ErrorKind::NoRepository);
    let project =
        Project::read_members(Path::new("."), &CargoArgs::default()).map_err(|_| elsewhere())?;
    let manifest = |name| {
        project
            .member(name)
            .map(|package| package.manifest_path.clone())
    };
    let bank = manifest(BANK)
        .zip(manifest(fixtures::PACKAGE))
        .ok_or_else(elsewhere)?
        .0;
    let folder = bank.parent().ok_or_else(elsewhere)?;
    Ok((project, folder.into()))
}

fn the_usual() -> TestArgs {
    TestArgs {
        runner: None,
        on_finding: None,
        deps: None,
        shim: None,
        backtrace: None,
        leaks: false,
        report_dir: None,
        message_format: MessageFormat::Human,
        forms: Vec::new(),
        rest: Vec::new(),
    }
}
