//! The folder of campaigns: one at a time, and what an interrupted one has found.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::PathBuf;

use model::report::Report;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stress::campaign::Standing;
use stress::orphans;
use stress::schedule::Mark;
use stress::shard::Shard;

use crate::error::{Cause, Error, ErrorKind};
use crate::output;

/// The folder of campaigns, ours alone as long as this lives.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
    _lock: File,
}

/// What a campaign must know to go on, and how far it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Campaign {
    pub(super) seed: u64,
    pub(super) shard: String,
    /// How many runs of each test, where it is not for a time.
    pub(super) runs: Option<u64>,
    /// Which of them were done.
    pub(super) marks: Vec<Mark>,
    /// What was found in these.
    report: Value,
}

impl Campaign {
    /// One that has not begun.
    pub(super) fn new(seed: u64, shard: Shard, runs: Option<u64>) -> Self {
        Self {
            seed,
            shard: shard.to_string(),
            runs,
            marks: Vec::new(),
            report: Value::Null,
        }
    }

    /// The same, so far.
    fn at(&self, standing: &Standing) -> Self {
        let report = render::json::to_string(&standing.report);
        Self {
            marks: standing.marks.clone(),
            report: serde_json::from_str(&report).unwrap_or_default(),
            ..self.clone()
        }
    }

    /// How far it was.
    fn standing(&self) -> Result<Standing, Cause> {
        let report = match &self.report {
            Value::Null => Report::new(),
            report => render::json::from_str(&report.to_string())?,
        };
        Ok(Standing {
            report,
            marks: self.marks.clone(),
        })
    }
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
            Ok(()) => {
                let place = Self {
                    folder,
                    _lock: lock,
                };
                // The last campaign may have been killed while its tests ran.
                orphans::end(&place.runs());
                Ok(place)
            }
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

    /// What an interrupted campaign has left, and how far it was.
    pub(super) fn resume(&self) -> Result<(Campaign, Standing), Error> {
        let path = self.campaign();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ErrorKind::NoCampaign { path }.into());
            }
            Err(error) => return Err(Error::read(&path)(error)),
        };
        let refused = |source| ErrorKind::Campaign {
            path: path.clone(),
            source,
        };
        let campaign: Campaign =
            serde_json::from_str(&text).map_err(|error| refused(Box::new(error)))?;
        let standing = campaign.standing().map_err(refused)?;
        Ok((campaign, standing))
    }

    /// Notes what a new campaign must know to go on.
    pub(super) fn begin(&self, campaign: &Campaign) -> Result<(), Error> {
        self.write(campaign)
    }

    /// Notes how far it is.
    pub(super) fn save(&self, campaign: &Campaign, standing: &Standing) -> Result<(), Error> {
        self.write(&campaign.at(standing))
    }

    /// All of it in one file, which is there as a whole or as it was before.
    fn write(&self, campaign: &Campaign) -> Result<(), Error> {
        let text = serde_json::to_string(campaign).unwrap_or_default();
        output::write(&self.campaign(), &text)
    }

    /// The campaign came to its end: there is nothing to go on with.
    pub(super) fn finish(&self) {
        let _ = fs::remove_file(self.campaign());
        let _ = fs::remove_dir_all(self.runs());
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use model::report::{Report, Test};
    use stress::campaign::Standing;
    use stress::shard::Shard;

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
        let campaign = Campaign::new(7, Shard::default(), Some(100));
        place.begin(&campaign).unwrap();
        let (begun, standing) = place.resume().unwrap();
        assert_eq!((begun.seed, begun.runs), (7, Some(100)));
        assert_eq!(standing.report, Report::new());
        let mut far = Standing::of(Report::new());
        far.report.tests = vec![Test::new("it", "a")];
        place.save(&campaign, &far).unwrap();
        assert_eq!(place.resume().unwrap().1, far);
        let whole = fs::read_to_string(place.campaign()).unwrap();
        for length in [0, 10, whole.len() / 2, whole.len() - 1] {
            fs::write(place.campaign(), &whole[..length]).unwrap();
            let refused = place.resume().unwrap_err().full();
            assert!(
                refused.contains("cannot go on with the campaign"),
                "{refused}"
            );
        }
        place.finish();
        assert!(place.resume().is_err());
    }
}
