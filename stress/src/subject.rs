//! What is run over and over: a test in an executable.

use std::ffi::OsString;
use std::path::PathBuf;

/// A test in an executable of the standard test harness.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The name of its executable, without path and hash.
    pub process: String,
    /// Its own name.
    pub name: String,
    /// Its executable.
    pub program: PathBuf,
    /// The folder it runs in.
    pub dir: PathBuf,
    /// Variables that cargo would set for it.
    pub variables: Vec<(OsString, OsString)>,
}

impl Subject {
    /// The arguments that make the harness run this test alone, with its output passed on.
    #[must_use]
    pub fn args(&self) -> Vec<OsString> {
        let flags = ["--exact", "--nocapture", "--include-ignored"].map(OsString::from);
        [OsString::from(&self.name)]
            .into_iter()
            .chain(flags)
            .collect()
    }
}
