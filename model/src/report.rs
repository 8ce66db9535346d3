//! Reports: what a process, or a whole run, found. The only thing processes exchange.

use crate::finding::Finding;
use crate::graph::Graph;
use crate::profile::Profile;
use crate::record::record;

/// The version of the report format that this build writes. Readers accept this and every older one.
pub const SCHEMA: u32 = 1;

record! {
    /// A process that took part in the run.
    pub struct Process {
        /// The name of its executable, without path and hash.
        pub name: String,
        /// The operating system's number for it.
        pub pid: u32,
        /// Whether it came to its regular end; `false` when it was killed, aborted, or still runs.
        pub ended: bool,
        /// How many threads used a watched object.
        pub threads: u64,
        /// How many times a lock was taken while others were held, in a way that was new to the thread.
        pub locks: u64,
    }
}

record! {
    /// A test that was run over and over, and how that went.
    pub struct Test {
        /// The name of its executable, without path and hash.
        pub process: String,
        /// Its own name.
        pub name: String,
        /// How many times it was run.
        pub runs: u64,
        /// In how many of these something was found.
        pub hits: u64,
        /// The first run that found something, counted from 1.
        pub first_hit: Option<u64>,
        /// How long it ran until then, all runs together, in milliseconds.
        pub first_hit_millis: Option<u64>,
        /// How long all runs took together, in milliseconds.
        pub millis: u64,
        /// What its exploration came to, if the runs were different schedules of one.
        pub explored: Option<Explored>,
    }
}

record! {
    /// What the exploration of a test came to.
    pub struct Explored {
        /// How many of the schedules differ in the order of what matters.
        pub distinct: u64,
        /// How many schedules were cut off because they took too many steps.
        pub cut: u64,
        /// Whether every interleaving was seen.
        pub exhausted: bool,
        /// The chance that one more schedule shows something new, in thousandths.
        pub new_in_1000: u64,
        /// Why the test could not be explored, if it could not.
        pub obstacle: Option<String>,
    }
}

record! {
    /// What was found, and what it was found in.
    pub struct Report {
        /// The version of this format.
        pub schema: u32,
        /// The version of unsnarl that wrote it.
        pub version: String,
        /// The processes that took part.
        pub processes: Vec<Process>,
        /// What was found, worst first.
        pub findings: Vec<Finding>,
        /// The orders in which locks were taken.
        pub graph: Graph,
        /// The tests that were run over and over, if any were.
        pub tests: Vec<Test>,
        /// What the run did with its time, if that was asked for.
        pub profile: Option<Profile>,
    }
}

impl Process {
    /// A process that has just begun.
    #[must_use]
    pub fn new(name: impl Into<String>, pid: u32) -> Self {
        Self {
            name: name.into(),
            pid,
            ..Self::default()
        }
    }
}

impl Test {
    /// A test that has not been run yet.
    #[must_use]
    pub fn new(process: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            process: process.into(),
            name: name.into(),
            ..Self::default()
        }
    }

    /// Takes in what another machine or an earlier run saw of the same test. Its first hit counts from its own start, so
    /// the earlier of the two is kept.
    pub fn add(&mut self, other: &Self) {
        let earlier = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
        self.runs += other.runs;
        self.hits += other.hits;
        self.millis += other.millis;
        self.first_hit = earlier(self.first_hit, other.first_hit);
        self.first_hit_millis = earlier(self.first_hit_millis, other.first_hit_millis);
        match (&mut self.explored, &other.explored) {
            (Some(explored), Some(other)) => explored.add(other),
            (explored, other) => *explored = explored.take().or_else(|| other.clone()),
        }
    }
}

impl Explored {
    /// Takes in another exploration of the same test, which may have several parts: all is seen if all of each is.
    fn add(&mut self, other: &Self) {
        self.distinct += other.distinct;
        self.cut += other.cut;
        self.exhausted &= other.exhausted;
        self.new_in_1000 = self.new_in_1000.max(other.new_in_1000);
        self.obstacle = self.obstacle.take().or_else(|| other.obstacle.clone());
    }
}

impl Report {
    /// An empty report of this version.
    #[must_use]
    pub fn new() -> Self {
        Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Self::default()
        }
    }

    /// Whether anything in it should fail the run.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::fails)
    }

    /// Adds a finding; one with a known fingerprint only raises its count.
    pub fn add(&mut self, finding: Finding) {
        match self
            .findings
            .iter_mut()
            .find(|known| known.fingerprint == finding.fingerprint)
        {
            Some(known) => {
                known.count += finding.count;
                known.accepted = known.accepted.take().or(finding.accepted);
                known.replay = known.replay.take().or(finding.replay);
            }
            None => self.findings.push(finding),
        }
    }

    /// Adds a finding, unless one with its fingerprint is known.
    pub fn add_new(&mut self, finding: Finding) {
        let mut known = self.findings.iter();
        if !known.any(|known| known.fingerprint == finding.fingerprint) {
            self.findings.push(finding);
        }
    }

    /// Adds what a process did with its time.
    pub fn add_profile(&mut self, profile: Profile) {
        self.profile.get_or_insert_with(Profile::new).merge(profile);
    }

    /// Adds a test that was run over and over; one that is known takes in the numbers.
    pub fn add_test(&mut self, test: Test) {
        let is_same = |known: &&mut Test| known.process == test.process && known.name == test.name;
        match self.tests.iter_mut().find(is_same) {
            Some(known) => known.add(&test),
            None => self.tests.push(test),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Explored, Report, Test};

    #[test]
    fn a_test_is_exhausted_if_each_of_its_explorations_is() {
        let exploration = |distinct, exhausted| {
            let mut test = Test::new("it", "a");
            let explored = Explored {
                distinct,
                exhausted,
                ..Explored::default()
            };
            (test.runs, test.explored) = (distinct, Some(explored));
            test
        };
        let mut report = Report::new();
        [
            exploration(3, true),
            exploration(4, false),
            exploration(5, true),
        ]
        .into_iter()
        .for_each(|test| report.add_test(test));
        let [test] = &*report.tests else {
            panic!("it is one test");
        };
        let explored = test.explored.as_ref().unwrap();
        assert_eq!(
            (test.runs, explored.distinct, explored.exhausted),
            (12, 12, false)
        );
    }
}
