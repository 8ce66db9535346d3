//! What the wrapper does with the calls of the compiler: the command leaves it in a file, and says in a variable where.
//!
//! A variable would be too short for the folders of a large workspace.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::digest::digest;
use super::scope::Scope;
use crate::error::{Error, ErrorKind};
use crate::output;

/// The variable that says where it is.
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
    /// For a crate of ours in the place of tokio too: where its sources are.
    pub(crate) tasks: Option<PathBuf>,
    /// The user's own wrapper, which is called in turn.
    pub(crate) next: Option<PathBuf>,
    /// The folder for what the wrapper has to say.
    pub(crate) said: PathBuf,
}

impl Plan {
    /// The plan that the environment names. One that cannot be read is none: a build is never broken by it.
    pub(crate) fn from_environment() -> Option<Self> {
        let text = fs::read_to_string(env::var_os(VARIABLE)?).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Leaves it where the wrapper finds it. Others of the same folder, which a run may be using now, stay.
    pub(crate) fn leave(&self) -> Result<PathBuf, Error> {
        let text = serde_json::to_string(self).map_err(|_| ErrorKind::OddPath)?;
        fs::create_dir_all(&self.said).map_err(Error::write(&self.said))?;
        let path = self
            .said
            .join(format!("plan-{}.json", digest(text.as_bytes())));
        output::write(&path, &text)?;
        Ok(path)
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
        let for_tokio = self.tasks.is_some().then(|| self.stand_ins_for_tokio());
        let folders = self.dependencies.iter().cloned().chain(for_tokio);
        folders.flat_map(|folder| {
            let mut given = OsString::from("dependency=");
            given.push(folder);
            ["-L".into(), given]
        })
    }

    /// The folder of the crates that stand in for tokio.
    pub(crate) fn stand_ins_for_tokio(&self) -> PathBuf {
        self.said.join("tokio/lib")
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
