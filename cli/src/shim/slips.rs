//! Slips of JSON in a folder, each by the key of the crate that it is about: the wrapper leaves them for the command.
//!
//! They lie in the target folder of the build, because cargo does not call the compiler for a crate again that is built.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Leaves one.
pub(super) fn write(slip: &impl Serialize, folder: &Path, key: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(place(folder, key), serde_json::to_string(slip)?)
}

/// The one with this key; one that cannot be read is none.
pub(super) fn read<T: DeserializeOwned>(folder: &Path, key: &str) -> Option<T> {
    read_file(&place(folder, key))
}

/// All of them, each once; a folder that is not there has none.
pub(super) fn read_all<T: DeserializeOwned + Ord>(folder: &Path) -> Vec<T> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all: Vec<T> = entries
        .filter_map(|entry| read_file(&entry.path()))
        .collect();
    all.sort();
    all.dedup();
    all
}

/// Throws one away.
pub(super) fn remove(folder: &Path, key: &str) {
    let _ = fs::remove_file(place(folder, key));
}

fn place(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("{key}.json"))
}

fn read_file<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}
