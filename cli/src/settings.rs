//! `.config/unsnarl.toml`: what a project always wants. Flags and variables win over it.

use std::fs;
use std::io;
use std::path::Path;

use clap::ValueEnum;
use serde::Deserialize;

use crate::error::{Error, ErrorKind};

/// What runs the tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Runner {
    /// `cargo test`.
    #[default]
    Cargo,
    /// `cargo nextest run`.
    Nextest,
}

/// What the test process does about a finding, besides recording it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OnFinding {
    /// Nothing: it is printed here when all tests have run.
    #[default]
    Record,
    /// Prints it at once, and exits with 101 at the end.
    Exit,
    /// Prints it at once, and panics.
    Panic,
    /// Prints it at once, and aborts.
    Abort,
}

impl OnFinding {
    /// The value of `UNSNARL_ON_FINDING` that says so.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Exit => "exit",
            Self::Panic => "panic",
            Self::Abort => "abort",
        }
    }
}

/// Which crates get watched locks in the place of those of `std`, without a change to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reach {
    /// None if a tested package has `unsnarl` as a dependency that can be switched on, else all.
    #[default]
    Auto,
    /// None: what uses `unsnarl::sync` is watched.
    None,
    /// Those of the workspace.
    Workspace,
    /// Those of the workspace and all they depend on.
    All,
}

impl Reach {
    /// How it is asked for on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::None => "none",
            Self::Workspace => "workspace",
            Self::All => "all",
        }
    }
}

/// The settings of a project.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Settings {
    /// What runs the tests.
    pub(crate) runner: Option<Runner>,
    /// What a test process does about a finding.
    pub(crate) on_finding: Option<OnFinding>,
    /// Which unmodified crates are watched.
    pub(crate) shim: Option<Reach>,
}

impl Settings {
    /// Reads the settings of the workspace; none are as good as empty ones.
    pub(crate) fn read(workspace_root: &Path) -> Result<Self, Error> {
        let path = workspace_root.join(".config/unsnarl.toml");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Error::read(&path)(error)),
        };
        toml::from_str(&text).map_err(|error| {
            let source = Box::new(error);
            ErrorKind::Settings { path, source }.into()
        })
    }
}
