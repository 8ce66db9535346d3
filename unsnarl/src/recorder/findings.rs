//! Findings: recorded once, said once.

use lockgraph::order::Found;
use lockgraph::wait::knot::Knot;
use model::finding::{Finding, Severity};

#[cfg(feature = "explore")]
use super::ending;
use super::options::{OnFinding, options};
use super::races::tape;
use super::report::{self, Stage, Traces};
use super::say;
use super::state::step_in;
#[cfg(feature = "tasks")]
use super::tasks::permits;
use crate::rendered::named;

/// Records what an engine found. Returns what the thread is to panic with, if the environment asks for that.
pub(super) fn record_all(found: Vec<Found>) -> Option<String> {
    let may_panic = options().on_finding == OnFinding::Panic && !std::thread::panicking();
    let mut reason = None;
    for Found {
        finding,
        backtraces,
    } in found
    {
        let (title, is_new) = record(finding, backtraces);
        reason = reason.or_else(|| (is_new && may_panic).then_some(title));
    }
    reason
}

/// Records a hang. Returns it in one line, for the panic that breaks it.
pub(super) fn record_hang(finding: Finding) -> String {
    record(finding, Vec::new()).0
}

/// Records a hang, with what is known of permits that are missing. Returns it in one line.
pub(super) fn record_knot(knot: &Knot) -> String {
    #[cfg(feature = "tasks")]
    return record_hang(permits::explain(knot.clone()).finding());
    #[cfg(not(feature = "tasks"))]
    record_hang(knot.finding())
}

/// Records a race.
///
/// # Panics
///
/// With `UNSNARL_ON_FINDING=panic`, if it is new.
pub(super) fn record_race(finding: Finding) {
    let found = Found {
        finding,
        backtraces: Vec::new(),
    };
    if let Some(reason) = record_all(vec![found]) {
        panic!("unsnarl: {reason}");
    }
}

/// Returns the finding in one line, and whether it is new.
fn record(finding: Finding, traces: Traces) -> (String, bool) {
    let _inside = step_in();
    // The report keeps what the program knows; whoever reads it can find better names in the source.
    let named = named(&finding);
    let is_new = report::add(finding, traces);
    if is_new {
        publish(&named);
    }
    let title = format!("{}: {}", named.slug, named.fill(&named.message));
    (title, is_new)
}

/// Keeps what an exploration found for the report of the process, if it is to write one.
#[cfg(feature = "explore")]
pub(crate) fn keep(finding: &Finding) {
    if options().report_dir.is_some() {
        report::add(finding.clone(), Vec::new());
        report::write(Stage::Running);
    }
}

/// Keeps how the exploration of a test went for the report of the process, if it is to write one.
#[cfg(feature = "explore")]
pub(crate) fn keep_test(test: model::report::Test) {
    if options().report_dir.is_some() {
        ending::at_first_use();
        report::add_test(test);
        report::write(Stage::Running);
    }
}

fn publish(finding: &Finding) {
    tape::flush();
    if options().on_finding != OnFinding::Record {
        say::print(finding);
    }
    report::write(Stage::Running);
    if options().on_finding == OnFinding::Abort && finding.severity == Severity::Error {
        std::process::abort();
    }
}
