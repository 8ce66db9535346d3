//! The report of a process whose programs loom has run.

use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use model::report::{Process, Report};

use super::panics::Seen;
use super::verdict::{self, Verdict};
use crate::environment::text;
use crate::exploration::{Exploration, Shown};
use crate::report_file::{executable, save};

/// What was found so far, by all tests of the process.
static REPORT: Mutex<Option<Report>> = Mutex::new(None);

/// Keeps what was found for the report of the process, if it is to write one, and fails if there is something, or the
/// program could not be explored.
///
/// # Panics
///
/// With everything that was found, or with what is in the way.
pub(crate) fn report(exploration: &Exploration) {
    keep(exploration, true);
    exploration.fail_if_found();
    exploration.fail_if_not_explored();
}

fn keep(exploration: &Exploration, is_regular: bool) {
    let Some(folder) = text("UNSNARL_REPORT_DIR") else {
        return;
    };
    let mut process = Process::new(executable(), std::process::id());
    process.ended = is_regular;
    let mut test = exploration.as_test();
    test.process.clone_from(&process.name);
    let mut report = REPORT.lock().unwrap_or_else(PoisonError::into_inner);
    let report = report.get_or_insert_with(Report::new);
    report.processes = vec![process];
    report.add_test(test);
    let found = exploration.found.iter().cloned();
    found.for_each(|finding| report.add(finding));
    save(Path::new(&folder), report);
}

/// Says and keeps what a model came to that is about to end its process: a destructor has panicked while its thread unwinds.
pub(super) fn last_words(seen: &Seen) {
    let mut exploration = Exploration::of_model(&seen.test);
    (exploration.schedules, exploration.distinct) = (seen.executions, seen.executions);
    match verdict::of(seen, seen.panics.first()) {
        Verdict::Found(mut finding) => {
            finding.notes.push(ABORTS.to_owned());
            exploration.first_finding_at = Some(seen.executions);
            let shown = Shown::of(&finding);
            exploration.add(*finding, shown);
        }
        Verdict::Obstacle(obstacle) => exploration.obstacle = Some(obstacle),
    }
    keep(&exploration, false);
    // Nothing is left to try if stderr is closed.
    let _ = writeln!(
        std::io::stderr(),
        "unsnarl:\n{}{exploration}",
        exploration.report
    );
}

/// What else is to be known where a panic leaves a destructor.
const ABORTS: &str =
    "a destructor panics while its thread unwinds from this, which ends the process";
