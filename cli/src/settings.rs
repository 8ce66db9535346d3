//! `.config/unsnarl.toml`: what a project always wants. Flags and variables win over it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Deserialize;
use toml::Spanned;

use crate::error::{Error, ErrorKind};
use crate::project::Project;
use crate::shim::scope::Scope;

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

/// What a finding is that is wholly inside dependencies and did not happen in the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Deps {
    /// A note: it is shown, and fails no run.
    #[default]
    Note,
    /// What it would be in the user's own code.
    Error,
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
    /// Those of the workspace, with watched tasks in the place of tokio's as well.
    Tokio,
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
            Self::Tokio => "tokio",
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
    /// What findings wholly inside dependencies are.
    pub(crate) deps: Option<Deps>,
    /// Which unmodified crates are watched.
    pub(crate) shim: Choice,
}

/// Which unmodified crates are watched, by the settings.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Choice {
    /// How far it reaches.
    pub(crate) mode: Option<Reach>,
    /// The only packages, besides those of the workspace.
    include: Option<Vec<Spanned<String>>>,
    /// Packages that are not, even so.
    exclude: Vec<Spanned<String>>,
    /// The file, if there is one.
    #[serde(skip)]
    file: Option<File>,
}

/// The settings as they are written.
#[derive(Debug)]
struct File {
    path: PathBuf,
    text: String,
}

impl Choice {
    /// The packages that this means, in this project.
    pub(crate) fn scope(&self, reach: Reach, project: &Project) -> Result<Scope, Error> {
        self.check(project)?;
        let names =
            |list: &[Spanned<String>]| list.iter().map(|name| name.get_ref().clone()).collect();
        let all = match reach {
            Reach::All => None,
            _ => Some(BTreeSet::new()),
        };
        Ok(Scope {
            members: project.member_folders().collect(),
            others: self.include.as_deref().map(names).or(all),
            excluded: names(&self.exclude),
            apart: BTreeSet::new(),
        })
    }

    /// Whether the project has, or can have, all these packages.
    fn check(&self, project: &Project) -> Result<(), Error> {
        let locked = project.locked_names();
        let mut names = self.include.iter().flatten().chain(&self.exclude);
        let is_known =
            |name: &str| locked.contains(name) || project.packages(name).next().is_some();
        let unknown = names.find(|name| !is_known(name.get_ref()));
        match (unknown, &self.file) {
            (Some(unknown), Some(File { path, text })) => {
                let before = &text[..unknown.span().start];
                Err(ErrorKind::UnknownPackage {
                    path: path.clone(),
                    line: before.matches('\n').count() + 1,
                    name: unknown.get_ref().clone(),
                }
                .into())
            }
            _ => Ok(()),
        }
    }
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
        match toml::from_str::<Self>(&text) {
            Ok(mut settings) => {
                settings.shim.file = Some(File { path, text });
                Ok(settings)
            }
            Err(error) => {
                let source = Box::new(error);
                Err(ErrorKind::Settings { path, source }.into())
            }
        }
    }
}
