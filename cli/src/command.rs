//! The commands, one file each.

mod analyze;
mod completions;
mod demo;
mod doctor;
mod dump;
mod explain;
mod explore;
mod graph;
mod loom;
mod profile;
mod report;
mod stress;
mod test;

use crate::args::Command;
use crate::error::Error;
use crate::exit::Exit;
use crate::shell::Shell;

/// Does what was asked for.
pub(crate) fn run(command: Command, shell: Shell) -> Result<Exit, Error> {
    match command {
        Command::Test(args) => test::run(args, shell),
        Command::Stress(args) => stress::run(args, shell),
        Command::Explore(args) => explore::run(args, shell),
        Command::Profile(args) => profile::run(args, shell),
        Command::Graph(args) => graph::run(&args, shell),
        Command::Report(args) => report::run(&args, shell),
        Command::Analyze(args) => analyze::run(&args, shell),
        Command::Dump(args) => dump::run(&args, shell),
        Command::Explain(args) => explain::run(&args, shell),
        Command::Demo => demo::run(shell),
        Command::Doctor(args) => doctor::run(args, shell),
        Command::Completions(args) => completions::run(&args, shell),
    }
}
