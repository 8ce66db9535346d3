//! Reports: what a process, or a whole run, found. The only thing processes exchange.

use crate::finding::{Finding, Severity};
use crate::graph::Graph;
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
        self.findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    }

    /// Adds a finding; one with a known fingerprint only raises its count.
    pub fn add(&mut self, finding: Finding) {
        match self
            .findings
            .iter_mut()
            .find(|known| known.fingerprint == finding.fingerprint)
        {
            Some(known) => known.count += finding.count,
            None => self.findings.push(finding),
        }
    }
}
