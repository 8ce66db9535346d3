//! What a run says, as an exit code.

use model::report::Report;

use crate::exit::Exit;
use crate::runner::Tests;

/// Whether everything that the run wrote is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// All of it.
    All,
    /// Some processes' reports cannot be read.
    NotAllRead,
    /// The merged report cannot be written.
    NotWritten,
}

/// The exit code of a run: what was found counts most, and a run that saw nothing is never clean.
pub(crate) fn judge(report: &Report, tests: Tests, kept: Kept) -> Exit {
    match (tests, kept) {
        _ if report.has_errors() => Exit::Findings,
        (Tests::Misused, _) => Exit::Usage,
        (Tests::Failed | Tests::NotBuilt, _) => Exit::TestsFail,
        (Tests::Stopped, _) | (Tests::Passed, Kept::NotAllRead) => Exit::Inconclusive,
        _ if report.processes.is_empty() => Exit::Inconclusive,
        (Tests::Passed, Kept::NotWritten) => Exit::Internal,
        (Tests::Passed, Kept::All) => Exit::Clean,
    }
}

#[cfg(test)]
mod tests {
    use model::finding::{Certainty, Finding};
    use model::report::{Process, Report};

    use super::{Kept, judge};
    use crate::exit::Exit;
    use crate::runner::Tests;

    fn report(findings: usize, processes: usize) -> Report {
        let mut report = Report::new();
        report.findings = vec![Finding::new("deadlock", Certainty::Observed, ""); findings];
        report.processes = vec![Process::new("it", 1); processes];
        report
    }

    #[test]
    fn findings_count_most() {
        for tests in [Tests::Passed, Tests::Failed, Tests::NotBuilt] {
            assert_eq!(
                judge(&report(1, 0), tests, Kept::NotWritten),
                Exit::Findings
            );
        }
    }

    #[test]
    fn tests_that_fail_by_themselves_come_before_silence() {
        assert_eq!(
            judge(&report(0, 0), Tests::Failed, Kept::NotAllRead),
            Exit::TestsFail
        );
    }

    #[test]
    fn a_run_that_saw_nothing_is_not_clean() {
        assert_eq!(
            judge(&report(0, 1), Tests::Stopped, Kept::All),
            Exit::Inconclusive
        );
        assert_eq!(
            judge(&report(0, 0), Tests::Passed, Kept::All),
            Exit::Inconclusive
        );
        assert_eq!(
            judge(&report(0, 1), Tests::Passed, Kept::NotAllRead),
            Exit::Inconclusive
        );
        assert_eq!(
            judge(&report(0, 1), Tests::Passed, Kept::NotWritten),
            Exit::Internal
        );
        assert_eq!(judge(&report(0, 1), Tests::Passed, Kept::All), Exit::Clean);
    }
}
