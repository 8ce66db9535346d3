//! `cargo unsnarl doctor`: what would be watched here, what not, and why.

use std::path::Path;

use crate::args::{DoctorArgs, MessageFormat};
use crate::cargo_args::CargoArgs;
use crate::doctor::checkup::Checkup;
use crate::error::Error;
use crate::exit::Exit;
use crate::project::Project;
use crate::shell::Shell;
use crate::shim::next;

/// Examines the project around the current folder.
pub(crate) fn run(args: DoctorArgs, shell: Shell) -> Result<Exit, Error> {
    let dir = Path::new(".");
    let cargo_args = CargoArgs::new(args.rest);
    let members = Project::read_members(dir, &cargo_args)?;
    next::warn_of_left_behind(shell);
    next::wrapper(members.config())?;
    let project = Project::read(dir, &cargo_args, shell)?;
    let checkup = Checkup::of(&project, args.shim, &cargo_args)?;
    shell.result(match args.message_format {
        MessageFormat::Human => checkup.in_words(),
        MessageFormat::Json => checkup.to_json(),
    })?;
    Ok(if checkup.is_well() {
        Exit::Clean
    } else {
        Exit::Inconclusive
    })
}
