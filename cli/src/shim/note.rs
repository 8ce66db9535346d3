//! Notes about crates that were built with the real `std`.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::slips;

/// A crate that was built with the real `std`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Note {
    /// The package.
    pub(crate) package: String,
    /// Its version.
    pub(crate) version: String,
    /// The folder of its manifest.
    pub(crate) folder: PathBuf,
    /// The crate: the library of the package, a program or a test of it.
    pub(crate) name: String,
    /// Why.
    pub(crate) why: Why,
}

/// Why a crate was built with the real `std`, or tokio.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Why {
    /// It was not asked for.
    NotAsked,
    /// The settings say so.
    Excluded,
    /// It does not build otherwise.
    Fails {
        /// The compiler's first error.
        error: String,
    },
    /// It does not build otherwise, because it shares types of `std` with these packages, which have the real one.
    Meets {
        /// The compiler's first error.
        error: String,
        /// The packages.
        with: Vec<String>,
    },
    /// It has our `std`, but the real tokio, since it does not build otherwise.
    Tasks {
        /// The compiler's first error.
        error: String,
    },
    /// Others that share types of `std` with it would not build otherwise.
    Apart,
}

impl Note {
    /// Leaves the note for the command.
    pub(crate) fn write(&self, folder: &Path, key: &str) -> io::Result<()> {
        slips::write(self, folder, key)
    }

    /// Forgets an earlier note.
    pub(crate) fn remove(folder: &Path, key: &str) {
        slips::remove(folder, key);
    }

    /// The note about the crate with this key.
    pub(crate) fn read(folder: &Path, key: &str) -> Option<Self> {
        slips::read(folder, key)
    }

    /// All notes.
    pub(crate) fn read_all(folder: &Path) -> Vec<Self> {
        slips::read_all(folder)
    }
}
