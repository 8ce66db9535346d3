//! What one test program did: written by the runner, read by the test that called cargo.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::sandbox::{self, at};
use crate::times::Time;

/// What one test program did.
#[derive(Debug)]
pub(crate) struct Record {
    /// Its name, without the hash that cargo gives it.
    pub(crate) name: String,
    /// Its exit code; `None` if it was killed.
    pub(crate) code: Option<i32>,
    /// How long it took.
    pub(crate) time: Time,
    /// What it printed.
    pub(crate) said: String,
}

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Passed,
    Failed,
    Ignored,
}

impl Record {
    /// The name of a program that cargo built.
    pub(crate) fn name_of(program: &Path) -> String {
        let stem = program.file_stem().unwrap_or_default().to_string_lossy();
        let name = stem.rsplit_once('-').map_or(&*stem, |(name, _hash)| name);
        name.to_owned()
    }

    /// Leaves it in this folder; a package's library and one of its tests may have the same name.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let number = fs::read_dir(folder)?.count();
        let code = self.code.unwrap_or(-1);
        let (wall, cpu) = (self.time.wall.as_micros(), self.time.cpu.as_micros());
        let text = format!("{}\n{code} {wall} {cpu}\n{}", self.name, self.said);
        fs::write(folder.join(format!("{number:03}")), text)
    }

    /// All records in this folder, in the order in which they were made.
    pub(crate) fn read_all(folder: &Path) -> sandbox::Result<Vec<Self>> {
        let entries = fs::read_dir(folder).map_err(at(folder))?;
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        let read = |path: &Path| {
            let text = fs::read_to_string(path).map_err(at(path))?;
            Self::parse(&text).ok_or_else(|| format!("{} is no record", path.display()))
        };
        paths.iter().map(|path| read(path)).collect()
    }

    fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('\n')?;
        let (numbers, said) = rest.split_once('\n')?;
        let mut numbers = numbers.split(' ');
        let code: i32 = numbers.next()?.parse().ok()?;
        let mut clock = || Some(Duration::from_micros(numbers.next()?.parse().ok()?));
        Some(Self {
            name: name.to_owned(),
            code: (code >= 0).then_some(code),
            time: Time {
                wall: clock()?,
                cpu: clock()?,
            },
            said: said.to_owned(),
        })
    }

    /// How each test ended, by name; a test that began and did not end is not there.
    pub(crate) fn ends(&self) -> BTreeMap<&str, End> {
        self.said.lines().filter_map(end_of_test).collect()
    }

    /// What the harness says about a test that failed.
    pub(crate) fn words_of(&self, test: &str) -> String {
        let start = format!("---- {test} stdout ----");
        let lines = self.said.lines().skip_while(|line| *line != start).skip(1);
        let words = lines.take_while(|line| !line.starts_with("---- ") && *line != "failures:");
        words
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n    ")
    }
}

/// `test a::b ... ok`, as the standard harness prints it.
fn end_of_test(line: &str) -> Option<(&str, End)> {
    let (name, end) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let end = match end.split([',', ' ']).next()? {
        "ok" => End::Passed,
        "FAILED" => End::Failed,
        "ignored" => End::Ignored,
        _ => return None,
    };
    Some((name.trim_end_matches(" - should panic"), end))
}
