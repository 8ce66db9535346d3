//! Notes about crates that do not build with watched locks: the wrapper writes them, the command shows them.
//!
//! They lie in the target folder of the build, because cargo does not call the compiler for a crate again that is built.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A crate that was built with the real `std` instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Note {
    /// The package.
    pub(crate) package: String,
    /// Its version.
    pub(crate) version: String,
    /// The crate: the library of the package, a program or a test of it.
    pub(crate) name: String,
    /// The compiler's first error.
    pub(crate) reason: String,
}

impl Note {
    /// Leaves the note for the command.
    pub(crate) fn write(&self, folder: &Path, key: &str) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let text = serde_json::to_string(self)?;
        fs::write(folder.join(format!("{key}.json")), text)
    }

    /// Forgets an earlier note.
    pub(crate) fn remove(folder: &Path, key: &str) {
        let _ = fs::remove_file(folder.join(format!("{key}.json")));
    }

    /// All notes, each once; a folder that is not there has none.
    pub(crate) fn read_all(folder: &Path) -> Vec<Self> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut notes: Vec<Self> = entries
            .filter_map(|entry| fs::read_to_string(entry.path()).ok())
            .filter_map(|text| serde_json::from_str(&text).ok())
            .collect();
        notes.sort();
        notes.dedup();
        notes
    }
}
