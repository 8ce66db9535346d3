//! Findings: completed with names and backtraces, recorded once, said once.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};

use lockgraph::order::{BacktraceId, Found};
use model::finding::{Backtrace, Finding, Severity};
use model::report::Report;
use render::names;
use render::options::{Colour, Options};
use render::source::Sources;
use render::text;

use super::learn::enter;
use super::options::{OnFinding, options};
use super::{backtraces, ending};

/// What the process has found so far.
static REPORT: Mutex<Option<Report>> = Mutex::new(None);

/// Backtraces to resolve, each with its title.
type Traces = Vec<(String, BacktraceId)>;

/// The backtraces of findings, by fingerprint, that nobody has needed by name yet.
static UNRESOLVED: Mutex<Vec<(String, Traces)>> = Mutex::new(Vec::new());

/// Runs `f` on the report of the process.
pub(super) fn report<R>(f: impl FnOnce(&mut Report) -> R) -> R {
    let mut report = REPORT.lock().unwrap_or_else(PoisonError::into_inner);
    f(report.get_or_insert_with(Report::new))
}

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

/// Returns the finding in one line, and whether it is new.
fn record(finding: Finding, traces: Traces) -> (String, bool) {
    let _inside = enter();
    // The report keeps what the program knows; whoever reads it can find better names in the source.
    let named = named(&finding);
    let is_new = report(|report| {
        let known = report.findings.len();
        report.add(finding);
        report.findings.len() > known
    });
    if is_new {
        let unresolved = (named.fingerprint.clone(), traces);
        UNRESOLVED
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(unresolved);
        publish(&named);
    }
    let title = format!("{}: {}", named.slug, named.fill(&named.message));
    (title, is_new)
}

/// Gives the findings their backtraces. Slow the first time: it reads the program's debug information.
pub(super) fn resolve_backtraces() {
    let unresolved =
        std::mem::take(&mut *UNRESOLVED.lock().unwrap_or_else(PoisonError::into_inner));
    for (fingerprint, traces) in unresolved {
        let resolve = |(title, id)| Backtrace::new(title, backtraces::resolve(id));
        let resolved = traces.into_iter().map(resolve).collect();
        report(|report| {
            let mut findings = report.findings.iter_mut();
            if let Some(finding) = findings.find(|finding| finding.fingerprint == fingerprint) {
                finding.backtraces = resolved;
            }
        });
    }
}

fn named(finding: &Finding) -> Finding {
    let mut named = finding.clone();
    names::resolve_finding(&mut named, &Sources::new());
    named
}

fn publish(finding: &Finding) {
    if options().on_finding != OnFinding::Record {
        print(finding);
    }
    ending::write_report(ending::Stage::Running);
    if options().on_finding == OnFinding::Abort && finding.severity == Severity::Error {
        std::process::abort();
    }
}

/// Says a finding that is already recorded.
pub(super) fn say(finding: &Finding) {
    print(&named(finding));
}

/// Prints a finding to the real stderr, past the capture of the test harness: a test that passes must still say it.
fn print(finding: &Finding) {
    let mut stderr = io::stderr().lock();
    let colour = if stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        Colour::Styled
    } else {
        Colour::Plain
    };
    let shown = text::finding(finding, &Options::new(Sources::new()).with_colour(colour));
    // Nothing can be done if stderr is closed; the report has it too.
    let _ = writeln!(stderr, "{shown}");
}
