//! `cargo unsnarl profile`: what the tests, or a program, do with their time.

use std::path::Path;

use super::test::{Aim, prepare};
use crate::args::ProfileArgs;
use crate::conclusion;
use crate::error::Error;
use crate::exit::Exit;
use crate::settings::Runner;
use crate::shell::Shell;
use crate::subject::Subject;

/// What no limits are, in the environment of a process.
const DEFAULT: &str = "1";

/// Runs what is asked for, measured.
pub(crate) fn run(args: ProfileArgs, shell: Shell) -> Result<Exit, Error> {
    // The processes end by themselves; what they have written until then is still to be shown.
    let _ = ctrlc::set_handler(|| {});
    let (mut job, project, runs) = prepare(Path::new("."), Aim::Watch, args.test, shell)?;
    job.subject = args.subject;
    if job.subject == Subject::Run {
        job.runner = Runner::Cargo;
        job.args = job.args.for_program();
    }
    job.profile = Some(args.limits.unwrap_or_else(|| DEFAULT.to_owned()));
    let tests = job.run(&project, shell)?;
    conclusion::draw(&mut job, tests, &project, &runs, shell)
}
