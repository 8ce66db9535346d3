//! The folder that keeps reports: one folder for each of the last runs, and the merged report of the last one.
//!
//! ```text
//! target/unsnarl/runs/1763630000123-4711/bank-4713.json    what each process wrote
//! target/unsnarl/latest/report.json                     all of it, merged
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::Error;
use crate::output;
use crate::project::Project;

/// How many runs are kept.
const KEPT: usize = 5;

/// The folder that keeps reports.
#[derive(Clone, Debug)]
pub(crate) struct Runs {
    folder: PathBuf,
}

impl Runs {
    /// The folder of this project.
    pub(crate) fn of(project: &Project) -> Self {
        Self::at(project.target_dir().join("unsnarl"))
    }

    /// This folder.
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The merged report of the last run.
    pub(crate) fn latest(&self) -> PathBuf {
        self.folder.join("latest/report.json")
    }

    /// What campaigns keep from one time to the next.
    pub(crate) fn stress(&self) -> PathBuf {
        self.folder.join("stress")
    }

    /// What campaigns have found over time, a line each.
    pub(crate) fn history(&self) -> PathBuf {
        self.folder.join("history.jsonl")
    }

    /// Makes a folder for a new run, and forgets the oldest ones.
    pub(crate) fn start(&self) -> Result<PathBuf, Error> {
        let runs = self.folder.join("runs");
        let run = runs.join(format!("{}-{}", milliseconds(), process::id()));
        fs::create_dir_all(&run).map_err(Error::write(&run))?;
        prune(&runs);
        Ok(run)
    }

    /// Puts a merged report in the place of the last one, together with the folder it lies in.
    pub(crate) fn replace_latest(&self, report: &str) -> Result<PathBuf, Error> {
        let latest = self.folder.join("latest");
        let new = output::temporary(&latest);
        fs::create_dir_all(&new).map_err(Error::write(&latest))?;
        let replaced = output::write(&new.join("report.json"), report)
            .and_then(|()| replace_folder(&latest, &new));
        if replaced.is_err() {
            let _ = fs::remove_dir_all(&new);
        }
        replaced.map(|()| self.latest())
    }
}

/// A folder cannot be renamed onto one that has files in it, so the old one steps aside first.
fn replace_folder(place: &Path, new: &Path) -> Result<(), Error> {
    let old = new.with_extension("old");
    let had_old = fs::rename(place, &old).is_ok();
    let renamed = fs::rename(new, place).map_err(Error::write(place));
    if had_old {
        let _ = match renamed {
            Ok(()) => fs::remove_dir_all(&old),
            Err(_) => fs::rename(&old, place),
        };
    }
    renamed
}

/// Old runs that cannot be removed do no harm.
fn prune(runs: &Path) {
    let entries = fs::read_dir(runs).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    folders.sort();
    let spare = folders.len().saturating_sub(KEPT);
    for folder in &folders[..spare] {
        let _ = fs::remove_dir_all(folder);
    }
}

fn milliseconds() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{KEPT, Runs};

    #[test]
    fn only_the_last_runs_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..9 {
            fs::create_dir_all(folder.path().join(format!("runs/100000000000{number}-1"))).unwrap();
        }
        let run = Runs::at(folder.path().to_owned()).start().unwrap();
        assert!(run.is_dir());
        assert_eq!(
            fs::read_dir(folder.path().join("runs")).unwrap().count(),
            KEPT
        );
    }

    #[test]
    fn latest_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let runs = Runs::at(folder.path().to_owned());
        runs.replace_latest("one").unwrap();
        fs::write(folder.path().join("latest/other"), "").unwrap();
        let path = runs.replace_latest("two").unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(!folder.path().join("latest/other").exists());
    }
}
