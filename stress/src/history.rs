//! The history of a project's campaigns: a line for each finding of each, so that new ones are told from known ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use model::finding::Finding;
use model::report::{Report, Test};
use serde::{Deserialize, Serialize};

/// One line: what a campaign saw of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// When the campaign ended, in seconds since 1970.
    at: u64,
    fingerprint: String,
    slug: String,
    test: Option<String>,
    /// In how many runs of its test; 0 if it was looked for in vain.
    hits: u64,
    /// How many runs of its test there were.
    runs: u64,
}

/// What earlier campaigns saw.
#[derive(Clone, Debug, Default)]
pub struct History {
    lines: Vec<Line>,
    /// How many lines could not be read.
    pub damaged: usize,
}

/// What the history says of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// No campaign has seen it before.
    New,
    /// The last campaign that could see it did.
    Known {
        /// When it was first seen, in seconds since 1970.
        since: u64,
        /// How many campaigns saw it.
        times: u64,
    },
    /// It was gone, and is here again.
    Back {
        /// When it was first seen, in seconds since 1970.
        since: u64,
    },
}

impl History {
    /// Reads a history; none is as good as an empty one, and a line that cannot be read is left out and counted.
    ///
    /// # Errors
    ///
    /// If there is a file that cannot be read.
    pub fn read(path: &Path) -> io::Result<Self> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut history = Self::default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match serde_json::from_str(line) {
                Ok(line) => history.lines.push(line),
                Err(_) => history.damaged += 1,
            }
        }
        Ok(history)
    }

    /// What it says of a finding.
    #[must_use]
    pub fn past(&self, fingerprint: &str) -> Past {
        let of_it: Vec<&Line> = self
            .lines
            .iter()
            .filter(|line| line.fingerprint == fingerprint)
            .collect();
        let seen = || of_it.iter().filter(|line| line.hits > 0);
        // The clock may have been set back meanwhile, so the first line need not be the earliest.
        let since = seen().map(|line| line.at).min();
        match (since, of_it.last()) {
            (Some(since), Some(last)) if last.hits > 0 => Past::Known {
                since,
                times: seen().count() as u64,
            },
            (Some(since), _) => Past::Back { since },
            (None, _) => Past::New,
        }
    }

    /// Findings that the last campaigns saw and this one, which ran their tests, did not: fingerprint, and how many runs
    /// it looked.
    #[must_use]
    pub fn gone(&self, report: &Report) -> Vec<(String, u64)> {
        let here: BTreeSet<&str> = report
            .findings
            .iter()
            .map(|one| one.fingerprint.as_str())
            .collect();
        let mut last: BTreeMap<&str, &Line> = BTreeMap::new();
        for line in &self.lines {
            last.insert(&line.fingerprint, line);
        }
        let missing = last
            .into_values()
            .filter(|line| line.hits > 0 && !here.contains(line.fingerprint.as_str()));
        missing
            .filter_map(|line| {
                let runs = test_of(report, line.test.as_deref())?.runs;
                Some((line.fingerprint.clone(), runs))
            })
            .collect()
    }

    /// Adds what a campaign saw, at this time, and did not see of what was there before.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn append(&self, path: &Path, report: &Report, at: u64) -> io::Result<()> {
        let seen = report
            .findings
            .iter()
            .map(|finding| seen(report, finding, at));
        let gone = self
            .gone(report)
            .into_iter()
            .filter_map(|(fingerprint, runs)| {
                let line = self
                    .lines
                    .iter()
                    .rev()
                    .find(|line| line.fingerprint == fingerprint)?;
                Some(Line {
                    at,
                    hits: 0,
                    runs,
                    ..line.clone()
                })
            });
        let mut text = String::new();
        for line in seen.chain(gone) {
            text.push_str(&serde_json::to_string(&line).map_err(io::Error::other)?);
            text.push('\n');
        }
        if text.is_empty() {
            return Ok(());
        }
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        // A line that an earlier writer has not finished stays alone.
        let is_cut = fs::read(path)?.last().is_some_and(|&byte| byte != b'\n');
        if is_cut {
            text.insert(0, '\n');
        }
        file.write_all(text.as_bytes())
    }
}

fn test_of<'a>(report: &'a Report, name: Option<&str>) -> Option<&'a Test> {
    report
        .tests
        .iter()
        .find(|test| Some(test.name.as_str()) == name && test.runs > 0)
}

fn seen(report: &Report, finding: &Finding, at: u64) -> Line {
    let runs = test_of(report, finding.test.as_deref()).map_or(1, |test| test.runs);
    Line {
        at,
        fingerprint: finding.fingerprint.clone(),
        slug: finding.slug.clone(),
        test: finding.test.clone(),
        hits: finding.count.max(1),
        runs,
    }
}

/// A day, written as `2026-11-20`.
#[derive(Clone, Copy, Debug)]
pub struct Day {
    /// Any second of it, counted from 1970 in universal time.
    pub second: u64,
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.second / 86_400);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Year, month and day of a day counted from 1970. The year is taken to begin in March, so that its odd day is its last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 {
        (0, month + 3)
    } else {
        (1, month - 9)
    };
    (era * 400 + year_of_era + year, month, day)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use model::finding::{Certainty, Finding};
    use model::report::{Report, Test};

    use super::{Day, History, Past};

    fn report(fingerprints: &[&str]) -> Report {
        let mut report = Report::new();
        let mut test = Test::new("it", "a");
        test.runs = 100;
        report.tests = vec![test];
        report.findings = fingerprints
            .iter()
            .map(|fingerprint| {
                let mut finding = Finding::new("hang", Certainty::Observed, "");
                finding.fingerprint = (*fingerprint).to_owned();
                finding.test = Some("a".into());
                finding
            })
            .collect();
        report
    }

    #[test]
    fn findings_are_new_known_gone_and_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        let past = |fingerprint| History::read(&path).unwrap().past(fingerprint);
        let campaign = |found: &[&str], at| {
            let history = History::read(&path).unwrap();
            history.append(&path, &report(found), at).unwrap();
        };
        assert_eq!(past("x"), Past::New);
        campaign(&["x"], 10);
        campaign(&["x"], 20);
        assert_eq!(
            past("x"),
            Past::Known {
                since: 10,
                times: 2
            }
        );
        let gone = History::read(&path).unwrap().gone(&report(&["y"]));
        assert_eq!(gone, [("x".to_owned(), 100)]);
        campaign(&["y"], 30);
        assert_eq!(past("x"), Past::Back { since: 10 });
        // It is said to be gone once.
        assert_eq!(History::read(&path).unwrap().gone(&report(&["y"])), []);
    }

    #[test]
    fn a_clock_that_is_set_back_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        for at in [4_000_000_000, 10, u64::MAX] {
            let history = History::read(&path).unwrap();
            history.append(&path, &report(&["x"]), at).unwrap();
        }
        let history = History::read(&path).unwrap();
        assert_eq!(
            history.past("x"),
            Past::Known {
                since: 10,
                times: 3
            }
        );
        assert!(!Day { second: u64::MAX }.to_string().is_empty());
    }

    #[test]
    fn damaged_lines_are_left_out_and_the_next_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        fs::write(&path, b"{\"at\": 1}\n\xff\xfe\n{\"at\": 5, \"finge").unwrap();
        let history = History::read(&path).unwrap();
        assert_eq!(history.damaged, 3);
        history.append(&path, &report(&["x"]), 10).unwrap();
        let history = History::read(&path).unwrap();
        assert_eq!(
            history.past("x"),
            Past::Known {
                since: 10,
                times: 1
            }
        );
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (second, day) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (1_763_596_800, "2025-11-20"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(Day { second }.to_string(), day);
        }
    }
}
