//! What the wrapper does with the calls of the compiler: it travels in a variable from the command to the wrapper.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The variable that it travels in.
pub(crate) const VARIABLE: &str = "UNSNARL_WRAP";

/// What the wrapper does with the calls of the compiler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// The crate that stands in for `std`.
    pub(crate) std: PathBuf,
    /// The folder of what that crate is built from.
    pub(crate) dependencies: PathBuf,
    /// The platform it is built for.
    pub(crate) target: String,
    /// The folders of the packages that get it; all do, if there is no list.
    pub(crate) packages: Option<BTreeSet<PathBuf>>,
    /// The user's own wrapper, which is called in turn.
    pub(crate) next: Option<PathBuf>,
    /// The folder of notes about crates that do not build with it.
    pub(crate) notes: PathBuf,
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

    /// Whether the package in this folder gets it.
    pub(crate) fn has_package(&self, folder: &Path) -> bool {
        let packages = self.packages.as_ref();
        packages.is_none_or(|packages| packages.contains(folder))
    }
}
