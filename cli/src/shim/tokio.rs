//! The sources of the crate that stands in for tokio, which the wrapper builds.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::digest::digest;
use crate::error::{Error, ErrorKind};

/// What it is made of: where each file or folder lies in the repository, and where in the crate.
pub(crate) const SOURCES: [(&str, &str); 5] = [
    ("shim/tokio/lib.rs", "lib.rs"),
    ("shim/tokio/watched.rs", "watched.rs"),
    ("unsnarl/src/tokio.rs", "facade.rs"),
    ("unsnarl/src/watched/tokio.rs", "watched/tokio.rs"),
    ("unsnarl/src/watched/tokio", "watched/tokio"),
];

/// The repository that this command was built from.
pub(super) fn root() -> Result<PathBuf, Error> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("");
    let path = root.join(SOURCES[0].0);
    if path.is_file() {
        Ok(root)
    } else {
        Err(ErrorKind::NoShim { path }.into())
    }
}

/// Changes whenever a source does.
pub(super) fn stamp(root: &Path) -> Result<String, Error> {
    let mut bytes = OsString::new().into_encoded_bytes();
    for (from, _) in SOURCES {
        let path = root.join(from);
        let mut files = files(&path).map_err(Error::read(&path))?;
        files.sort();
        for file in files {
            bytes.extend(fs::read(&file).map_err(Error::read(&file))?);
        }
    }
    Ok(digest(&bytes))
}

/// Puts the sources together as they lie in the crate.
pub(crate) fn assemble(root: &Path, to: &Path) -> io::Result<()> {
    for (from, place) in SOURCES {
        let from = root.join(from);
        for file in files(&from)? {
            let rest = file.strip_prefix(&from).unwrap_or(Path::new(""));
            let copy = match rest.as_os_str().is_empty() {
                true => to.join(place),
                false => to.join(place).join(rest),
            };
            fs::create_dir_all(copy.parent().unwrap_or(to))?;
            fs::copy(file, copy)?;
        }
    }
    Ok(())
}

/// A file itself, or all in a folder and those below it.
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut all = Vec::new();
    for entry in fs::read_dir(path)? {
        all.extend(files(&entry?.path())?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::{assemble, root, stamp};

    #[test]
    fn the_sources_lie_as_their_modules_say() {
        let folder = tempfile::tempdir().unwrap();
        let root = root().unwrap();
        assemble(&root, folder.path()).unwrap();
        for file in [
            "lib.rs",
            "facade.rs",
            "watched/tokio.rs",
            "watched/tokio/mpsc/bounded.rs",
        ] {
            assert!(folder.path().join(file).is_file(), "{file}");
        }
        assert_eq!(stamp(&root).unwrap(), stamp(&root).unwrap());
    }
}
