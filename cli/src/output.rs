//! Files that are there as a whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

use crate::error::Error;
use crate::shell::Shell;

/// Writes to a temporary file beside it, then renames: a reader, or a crash, sees the old file or the new one.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Error> {
    if is_special(path) {
        return fs::write(path, text).map_err(Error::write(path));
    }
    let temporary = temporary(path);
    let written = write_through(&temporary, text).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|source| {
        let _ = fs::remove_file(&temporary);
        Error::write(path)(source)
    })
}

/// Writes to this file, or else to stdout.
pub(crate) fn write_or_print(path: Option<&Path>, text: &str, shell: Shell) -> Result<(), Error> {
    match path {
        Some(path) => write(path, text),
        None => shell.result(text),
    }
}

/// A name beside this path that no other process uses.
pub(crate) fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.tmp", process::id()))
}

/// Whether it is a pipe or a device, which cannot be replaced.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// A full disk may show only when the file is synced.
fn write_through(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::write;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, "old").unwrap();
        write(&path, "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
