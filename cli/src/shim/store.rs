//! Where our crates are built and kept: once for all projects of a user, beside what cargo downloads.
//!
//! ```text
//! <cargo's home>/unsnarl/<toolchain>/lock            who builds has it
//! <cargo's home>/unsnarl/<toolchain>/build/          what cargo builds in
//! <cargo's home>/unsnarl/<toolchain>/kept/<stamp>/   what came out: the user's crates are built with this
//! ```
//!
//! What is kept never changes, so that our crates can be built anew while a project is being built with the old ones.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::folders;
use crate::error::Error;
use crate::output;
use crate::shell::Shell;

/// For how many toolchains, and places of ours, our crates are kept.
const TOOLCHAINS: usize = 8;
/// How many versions of our crates are kept: there are some for each way to use them.
const VERSIONS: usize = 6;

/// A folder for one toolchain; nobody else builds in it as long as this lives.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    /// Locked.
    _lock: File,
}

impl Store {
    /// Opens the first of these folders that can be written, for the toolchain with this key; waits until others have
    /// built there.
    pub(super) fn open(places: &[PathBuf], key: &str, shell: Shell) -> Result<Self, Error> {
        let mut last = None;
        for place in places {
            match Self::open_in(place, key, shell) {
                Ok(store) => return Ok(store),
                Err(error) => last = Some(error),
            }
        }
        Err(last.expect("there is a place"))
    }

    fn open_in(place: &Path, key: &str, shell: Shell) -> Result<Self, Error> {
        let folder = folders::enter(place, key, TOOLCHAINS)?;
        let path = folder.join("lock");
        let lock = File::create(&path).map_err(Error::write(&path))?;
        if matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock)) {
            shell.status("Blocking", "until another run has built the watched locks");
            // Where files cannot be locked, cargo does without too.
            let _ = lock.lock();
        }
        Ok(Self {
            folder,
            _lock: lock,
        })
    }

    /// Whether one of these places has something for the toolchain with this key.
    pub(super) fn is_in(places: &[PathBuf], key: &str) -> bool {
        places.iter().any(|place| kept(&place.join(key)).is_dir())
    }

    /// The folder that cargo builds in.
    pub(super) fn build_dir(&self) -> PathBuf {
        self.folder.join("build")
    }

    /// Whether nothing was ever built here.
    pub(super) fn is_new(&self) -> bool {
        !self.build_dir().is_dir()
    }

    /// Keeps these files under this stamp, which is another one if they are others. The answer is their folder.
    pub(super) fn keep(&self, stamp: &str, files: &[PathBuf]) -> Result<PathBuf, Error> {
        let folder = kept(&self.folder).join(stamp);
        if !folder.is_dir() {
            let part = output::temporary(&folder);
            let copied = copy(files, &part).and_then(|()| fs::rename(&part, &folder));
            copied.map_err(|source| {
                let _ = fs::remove_dir_all(&part);
                Error::write(&folder)(source)
            })?;
        }
        folders::enter(&kept(&self.folder), stamp, VERSIONS)
    }
}

fn kept(folder: &Path) -> PathBuf {
    folder.join("kept")
}

fn copy(files: &[PathBuf], to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for file in files {
        let name = file.file_name().expect("a library has a name");
        fs::copy(file, to.join(name))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::slice::from_ref;

    use super::Store;
    use crate::shell::{Shell, Verbosity};

    fn open(places: &[&Path]) -> Store {
        let places: Vec<_> = places.iter().map(|&place| place.to_owned()).collect();
        Store::open(&places, "key", Shell::new(Verbosity::Quiet, None)).unwrap()
    }

    #[test]
    fn where_the_first_place_cannot_be_written_it_is_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let (file, next) = (folder.path().join("file"), folder.path().join("next"));
        fs::write(&file, "").unwrap();
        let store = open(&[&file.join("below"), &next]);
        assert!(store.build_dir().starts_with(&next));
    }

    #[test]
    fn what_is_kept_stays_when_it_is_built_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (library, place) = (folder.path().join("a.rlib"), folder.path().join("place"));
        let keep = |stamp: &str, text: &str| {
            fs::write(&library, text).unwrap();
            open(&[&place]).keep(stamp, from_ref(&library)).unwrap()
        };
        let (old, new) = (keep("1", "old"), keep("2", "new"));
        let text = |folder: &Path| fs::read_to_string(folder.join("a.rlib")).unwrap();
        assert_eq!((text(&old), text(&new)), ("old".into(), "new".into()));
        assert!(Store::is_in(from_ref(&place), "key") && !Store::is_in(&[place], "other"));
    }

    #[test]
    fn one_builds_and_others_wait() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(&[folder.path()]);
        let path = folder.path().to_owned();
        let (done, waits) = std::sync::mpsc::channel();
        let other = std::thread::spawn(move || {
            let store = open(&[&path]);
            done.send(fs::read_to_string(store.build_dir()).unwrap())
                .unwrap();
        });
        fs::write(first.build_dir(), "built").unwrap();
        drop(first);
        assert_eq!(waits.recv().unwrap(), "built");
        other.join().unwrap();
    }
}
