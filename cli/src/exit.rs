//! How the command ends: scripts rely on these numbers.

use std::process::ExitCode;

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing of severity error was found, and the run could have found it.
    Clean = 0,
    /// Something of severity error was found.
    Findings = 1,
    /// The command was called in a way that cannot work.
    Usage = 2,
    /// The run says nothing: no test used a watched object, or its reports were lost.
    Inconclusive = 3,
    /// The tests fail, or do not build, without any finding.
    TestsFail = 4,
    /// Something went wrong on our side.
    Internal = 70,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
