//! Folders beside each other, for things that are built again when something changes: those used last are kept.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::output;

/// The folder of this name below another one, made if it is not there.
///
/// Some others are kept, since somebody may be using them now.
pub(super) fn enter(among: &Path, name: &str, kept: usize) -> Result<PathBuf, Error> {
    let folder = among.join(name);
    fs::create_dir_all(&folder).map_err(Error::write(&folder))?;
    // Writing into a folder makes it the newest.
    output::write(&folder.join("used"), "")?;
    prune(among, kept);
    Ok(folder)
}

/// That which was used last.
pub(super) fn newest(among: &Path) -> Option<PathBuf> {
    by_age(among).pop()
}

/// Old folders that cannot be removed do no harm.
fn prune(among: &Path, kept: usize) {
    let folders = by_age(among);
    let spare = folders.len().saturating_sub(kept);
    for folder in &folders[..spare] {
        let _ = fs::remove_dir_all(folder);
    }
}

/// All folders in this one, that which was not used for the longest time first.
fn by_age(among: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(among).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    folders.sort();
    folders.into_iter().map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, SystemTime};

    use super::enter;

    #[test]
    fn what_was_not_used_for_long_is_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let names = || fs::read_dir(folder.path()).unwrap().count();
        // The clock of a file system is too coarse to tell calls apart that follow each other at once.
        for (second, name) in (1..).zip(["0", "1", "2", "0", "3"]) {
            let used = enter(folder.path(), name, 3).unwrap();
            let when = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
            fs::File::open(used).unwrap().set_modified(when).unwrap();
        }
        assert_eq!(names(), 3);
        assert!(
            folder.path().join("0").exists(),
            "the one used last but one is gone"
        );
    }
}
