//! The folder of campaigns: one at a time, and what an interrupted one has found.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use model::report::Report;
use serde::{Deserialize, Serialize};

use crate::collect;
use crate::error::{Error, ErrorKind};
use crate::output;

/// The folder of campaigns, ours alone as long as this lives.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
    _lock: File,
}

/// What a campaign must know to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Campaign {
    pub(super) seed: u64,
    pub(super) shard: String,
}

impl Place {
    /// Takes the folder.
    pub(super) fn take(folder: PathBuf) -> Result<Self, Error> {
        fs::create_dir_all(&folder).map_err(Error::write(&folder))?;
        let folder = folder.canonicalize().map_err(Error::read(&folder))?;
        let path = folder.join("lock");
        let lock = OpenOptions::new().create(true).append(true).open(&path);
        let lock = lock.map_err(Error::write(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                folder,
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(ErrorKind::Busy { folder }.into()),
            Err(TryLockError::Error(error)) => Err(Error::write(&path)(error)),
        }
    }

    /// Where the runs may leave things.
    pub(super) fn runs(&self) -> PathBuf {
        self.folder.join("runs")
    }

    fn campaign(&self) -> PathBuf {
        self.folder.join("campaign.json")
    }

    fn report(&self) -> PathBuf {
        self.folder.join("report.json")
    }

    /// What an interrupted campaign has left: what it must know, and what it had found.
    pub(super) fn resume(&self) -> Result<(Campaign, Report), Error> {
        let path = self.campaign();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ErrorKind::NoCampaign { path }.into());
            }
            Err(error) => return Err(Error::read(&path)(error)),
        };
        let campaign = serde_json::from_str(&text).map_err(|error| {
            let source = Box::new(error);
            ErrorKind::Campaign {
                path: path.clone(),
                source,
            }
        })?;
        let report = self.report();
        // It may have been interrupted before it found anything.
        let found = if report.exists() {
            collect::read(&report)?
        } else {
            Report::new()
        };
        Ok((campaign, found))
    }

    /// Notes what a new campaign must know to go on.
    pub(super) fn begin(&self, campaign: &Campaign) -> Result<(), Error> {
        let text = serde_json::to_string(campaign).unwrap_or_default();
        remove(&self.report())?;
        output::write(&self.campaign(), &text)
    }

    /// Saves what was found so far.
    pub(super) fn save(&self, report: &Report) -> Result<(), Error> {
        output::write(&self.report(), &render::json::to_string(report))
    }

    /// The campaign came to its end: there is nothing to go on with.
    pub(super) fn finish(&self) {
        let _ = remove(&self.campaign());
        let _ = remove(&self.report());
        let _ = fs::remove_dir_all(self.runs());
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::write(path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use model::report::Report;

    use super::{Campaign, Place};

    #[test]
    fn one_campaign_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Place::take(folder.path().to_owned()).unwrap();
        let second = Place::take(folder.path().to_owned());
        assert!(second.unwrap_err().full().contains("is at work in"));
        drop(first);
        assert!(Place::take(folder.path().to_owned()).is_ok());
    }

    #[test]
    fn what_was_interrupted_comes_back_and_what_is_damaged_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::take(folder.path().to_owned()).unwrap();
        assert!(
            place
                .resume()
                .unwrap_err()
                .full()
                .contains("no interrupted campaign")
        );
        let campaign = Campaign {
            seed: 7,
            shard: "1/1".into(),
        };
        place.begin(&campaign).unwrap();
        assert_eq!(place.resume().unwrap(), (campaign.clone(), Report::new()));
        place.save(&Report::new()).unwrap();
        assert_eq!(place.resume().unwrap(), (campaign, Report::new()));
        fs::write(place.report(), "{\"schema\": 1, \"ver").unwrap();
        assert!(place.resume().unwrap_err().full().contains("report.json"));
        fs::write(place.campaign(), "{\"seed\": 7").unwrap();
        assert!(place.resume().unwrap_err().full().contains("campaign.json"));
        place.finish();
        assert!(place.resume().is_err());
    }
}
