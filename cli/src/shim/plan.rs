//! What the wrapper does with the calls of the compiler: it travels in a variable from the command to the wrapper.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::scope::Scope;

/// The variable that it travels in.
pub(crate) const VARIABLE: &str = "UNSNARL_WRAP";

/// What the wrapper does with the calls of the compiler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// The crates that stand in for those of the standard library, by these' names.
    pub(crate) stand_ins: BTreeMap<String, PathBuf>,
    /// The folders of what those crates are built from.
    pub(crate) dependencies: Vec<PathBuf>,
    /// The platform they are built for.
    pub(crate) target: String,
    /// The packages that get them.
    pub(crate) scope: Scope,
    /// The user's own wrapper, which is called in turn.
    pub(crate) next: Option<PathBuf>,
    /// The folder for what the wrapper has to say.
    pub(crate) said: PathBuf,
}

impl Plan {
    /// The plan in the environment. One that cannot be read is none: a build is never broken by it.
    pub(crate) fn from_environment() -> Option<Self> {
        serde_json::from_str(&env::var(VARIABLE).ok()?).ok()
    }

    /// The value of the variable.
    pub(crate) fn to_value(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// The compiler's arguments that put the crates in the place of those of the standard library.
    pub(crate) fn replacing(&self) -> impl Iterator<Item = OsString> {
        self.stand_ins.iter().flat_map(|(name, library)| {
            let mut given = OsString::from(format!("{name}="));
            given.push(library);
            ["--extern".into(), given]
        })
    }

    /// The compiler's arguments that let it find what was built with the crates.
    pub(crate) fn linking(&self) -> impl Iterator<Item = OsString> {
        self.dependencies.iter().flat_map(|folder| {
            let mut given = OsString::from("dependency=");
            given.push(folder);
            ["-L".into(), given]
        })
    }

    /// The folder of notes about crates that have the real `std`.
    pub(crate) fn notes(&self) -> PathBuf {
        notes(&self.said)
    }

    /// The folder of crates that build neither way.
    pub(crate) fn clashes(&self) -> PathBuf {
        self.said.join("clashes")
    }
}

/// The folder of notes about crates that have the real `std`, among all that the wrapper has to say.
pub(super) fn notes(said: &Path) -> PathBuf {
    said.join("unwatched")
}
