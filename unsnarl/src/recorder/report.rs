//! The process's report: what was found so far, and the file that keeps it.

use std::sync::{Mutex, PoisonError};

use lockgraph::order::BacktraceId;
use lockgraph::order::class::class_cycles;
use model::finding::{Backtrace, Finding};
#[cfg(feature = "explore")]
use model::report::Test;
use model::report::{Process, Report};

use super::options::options;
use super::{backtraces, engines, profile, state};
use crate::report_file::{self, executable};

/// What the process has found so far.
static REPORT: Mutex<Option<Report>> = Mutex::new(None);

/// Backtraces to resolve, each with its title.
pub(super) type Traces = Vec<(String, BacktraceId)>;

/// The backtraces of findings, by fingerprint, that nobody has needed by name yet.
static UNRESOLVED: Mutex<Vec<(String, Traces)>> = Mutex::new(Vec::new());

/// How far the process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It goes on.
    Running,
    /// It ends now.
    Ended,
}

/// Runs `f` on the report of the process.
pub(super) fn report<R>(f: impl FnOnce(&mut Report) -> R) -> R {
    let mut report = REPORT.lock().unwrap_or_else(PoisonError::into_inner);
    f(report.get_or_insert_with(Report::new))
}

/// Adds a finding, with the backtraces that belong to it. Returns whether it is new.
pub(super) fn add(finding: Finding, traces: Traces) -> bool {
    let fingerprint = finding.fingerprint.clone();
    let is_new = report(|report| {
        let known = report.findings.len();
        report.add(finding);
        report.findings.len() > known
    });
    if is_new {
        UNRESOLVED
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((fingerprint, traces));
    }
    is_new
}

/// Adds how a test went.
#[cfg(feature = "explore")]
pub(super) fn add_test(mut test: Test) {
    test.process = executable();
    report(|report| report.add_test(test));
}

/// Gives the findings their backtraces. Slow the first time: it reads the program's debug information.
fn resolve_backtraces() {
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

/// Writes the report of the process where the environment asks for it: to a temporary file, which is then renamed.
pub(super) fn write(stage: Stage) {
    let dir = options().report_dir.as_ref();
    if stage == Stage::Ended && dir.is_some() {
        resolve_backtraces();
    }
    let report = complete(stage);
    let Some(dir) = dir else { return };
    report_file::save(dir, &report);
}

/// The report as it stands, with the graph and who wrote it.
fn complete(stage: Stage) -> Report {
    let name = executable();
    let mut process = Process::new(name.clone(), std::process::id());
    process.ended = stage == Stage::Ended;
    process.threads = state::threads();
    process.locks = engines::heard();
    let profiled = profile::told(&name);
    let known = report(|report| report.findings.clone());
    let (graph, counts) = engines::order(|order| {
        let counts: Vec<u64> = known
            .iter()
            .map(|finding| order.repeats(&finding.fingerprint))
            .collect();
        (order.graph(&name), counts)
    });
    report(|report| {
        for (finding, repeats) in report.findings.iter_mut().zip(counts) {
            finding.count = finding.count.max(1 + repeats);
        }
        if stage == Stage::Ended {
            let cycles = class_cycles(&graph, &report.findings);
            cycles.into_iter().for_each(|finding| report.add(finding));
        }
        report.processes = vec![process];
        report.graph = graph;
        let (profile, findings) = profiled.unzip();
        let mut whole = report.clone();
        let findings = findings.unwrap_or_default();
        findings
            .into_iter()
            .for_each(|finding| whole.add_new(finding));
        if stage == Stage::Ended {
            // Until then, what is past the limits may not be in the end.
            report.findings.clone_from(&whole.findings);
        }
        whole.profile = profile;
        whole
    })
}
