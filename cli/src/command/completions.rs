//! `cargo unsnarl completions SHELL`.

use clap::CommandFactory;

use crate::args::{Args, CompletionsArgs};
use crate::error::Error;
use crate::exit::Exit;
use crate::shell::Shell;

/// Prints the script that completes `cargo-unsnarl` in this shell.
pub(crate) fn run(args: &CompletionsArgs, shell: Shell) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut Args::command(),
        "cargo-unsnarl",
        &mut script,
    );
    shell.result(String::from_utf8_lossy(&script))?;
    Ok(Exit::Clean)
}
