//! What cargo is to run, watched.

use std::process::ExitStatus;

use clap::ValueEnum;

use crate::runner::{Tests, judge_cargo};

/// What is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Subject {
    /// The tests, as with `cargo test`
    #[default]
    Test,
    /// A program, as with `cargo run`
    Run,
}

impl Subject {
    /// How cargo is asked to build it, and nothing else.
    pub(crate) fn build(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Test => (&["test"], &["--no-run"]),
            Self::Run => (&["build"], &[]),
        }
    }

    /// How cargo is asked to run it.
    pub(crate) fn run(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Test => (&["test"], &["--no-fail-fast"]),
            Self::Run => (&["run"], &[]),
        }
    }

    /// How it went, once it was built: a program may end with any number.
    pub(crate) fn judge(self, status: ExitStatus) -> Tests {
        match judge_cargo(status) {
            Tests::Misused if self == Self::Run => Tests::Failed,
            tests => tests,
        }
    }

    /// What it is, and that it does, or does not, in a sentence.
    pub(crate) fn does(self) -> &'static str {
        match self {
            Self::Test => "the tests do",
            Self::Run => "the program does",
        }
    }

    /// That it fails.
    pub(crate) fn fails(self) -> &'static str {
        match self {
            Self::Test => "tests fail",
            Self::Run => "the program fails",
        }
    }
}
