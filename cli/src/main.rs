//! `cargo unsnarl`: finds concurrency bugs while your own tests run.
//!
//! It knows no engine. It finds out how to switch `unsnarl` on in the crate at hand ([`switch`]), or puts it in the place
//! of `std` ([`shim`], [`wrapper`]), lets cargo run the tests ([`runner`]), reads the reports that the test processes leave behind ([`collect`]), and shows them.

mod args;
mod baseline;
mod binaries;
mod cargo_args;
mod cargo_config;
mod collect;
mod command;
mod conclusion;
mod doctor;
mod duration;
mod error;
mod exit;
mod forms;
mod merge;
mod optimise;
mod output;
mod owners;
mod platform;
mod profile;
mod progress;
mod project;
mod runner;
mod runs;
mod saved;
mod selection;
mod settings;
mod shard;
mod shell;
mod shim;
mod silence;
mod sources;
mod split;
mod subject;
mod switch;
mod toolchain;
mod trials;
mod verdict;
mod view;
mod watchdog;
mod wrapper;

use std::env;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::args::Args;
use crate::shell::{Shell, Verbosity};

fn main() -> ExitCode {
    if let Some(exit) = wrapper::run() {
        return exit;
    }
    let args = Args::read(split::split(Args::command(), env::args_os().collect()));
    let verbosity = if args.quiet {
        Verbosity::Quiet
    } else {
        Verbosity::Normal
    };
    let shell = Shell::new(verbosity, args.color);
    let exit = command::run(args.command, shell).unwrap_or_else(|error| {
        shell.error(&error);
        error.exit()
    });
    exit.into()
}
