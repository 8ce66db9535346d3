//! The process's report: written when it begins, whenever something is found, and when it ends.

use std::ffi::c_int;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

use lockgraph::order::class::class_cycles;
use model::report::{Process, Report};

use super::options::{OnFinding, options};
use super::{findings, learn, threads};

/// What a process that found something exits with, like one whose tests fail.
const EXIT_FOUND: c_int = 101;

unsafe extern "C" {
    fn atexit(callback: extern "C" fn()) -> c_int;
    fn _exit(status: c_int) -> !;
}

/// How far the process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It goes on.
    Running,
    /// It ends now.
    Ended,
}

/// Prepares the end of the process, the first time that a thread uses a watched object.
pub(super) fn at_first_use() {
    static FIRST: Once = Once::new();
    FIRST.call_once(|| {
        // SAFETY: `at_exit` takes nothing, returns nothing and does not unwind. If it cannot be registered, the report
        // lacks the end of the process, and says so.
        let _ = unsafe { atexit(at_exit) };
        write_report(Stage::Running);
    });
}

extern "C" fn at_exit() {
    // A panic must not leave a C function; there is nobody left to tell of it either.
    let has_errors = std::panic::catch_unwind(finish).unwrap_or(false);
    if has_errors && options().on_finding != OnFinding::Record {
        // SAFETY: the process is exiting; this only changes its status.
        unsafe { _exit(EXIT_FOUND) }
    }
}

/// Ends the process because of a hang that nobody can be told of.
pub(super) fn exit_now() -> ! {
    finish();
    let _ = io::stderr()
        .write_all(b"unsnarl: nobody can be woken to hear of this; the process ends here\n");
    // SAFETY: ends the process at once; everything found has been written.
    unsafe { _exit(EXIT_FOUND) }
}

/// Completes the report. Returns whether the process is to fail.
fn finish() -> bool {
    let _inside = learn::enter();
    let seen = findings::report(|report| report.findings.len());
    if options().report_dir.is_some() {
        findings::resolve_backtraces();
    }
    write_report(Stage::Ended);
    let report = findings::report(|report| report.clone());
    if options().on_finding != OnFinding::Record {
        report.findings[seen.min(report.findings.len())..]
            .iter()
            .for_each(findings::say);
    }
    report.has_errors()
}

/// Writes the report of the process where the environment asks for it: to a temporary file, which is then renamed.
pub(super) fn write_report(stage: Stage) {
    let report = complete(stage);
    let Some(dir) = &options().report_dir else {
        return;
    };
    if let Err((path, error)) = write(dir, &report) {
        complain(&path, &error);
    }
}

/// The report as it stands, with the graph and who wrote it.
fn complete(stage: Stage) -> Report {
    let name = executable();
    let mut process = Process::new(name.clone(), std::process::id());
    process.ended = stage == Stage::Ended;
    process.threads = threads::count();
    let known = findings::report(|report| report.findings.clone());
    let (graph, counts) = learn::order(|order| {
        let counts: Vec<u64> = known
            .iter()
            .map(|finding| order.repeats(&finding.fingerprint))
            .collect();
        (order.graph(&name), counts)
    });
    findings::report(|report| {
        for (finding, repeats) in report.findings.iter_mut().zip(counts) {
            finding.count = finding.count.max(1 + repeats);
        }
        if stage == Stage::Ended {
            let cycles = class_cycles(&graph, &report.findings);
            cycles.into_iter().for_each(|finding| report.add(finding));
        }
        report.processes = vec![process];
        report.graph = graph;
        report.clone()
    })
}

fn write(dir: &Path, report: &Report) -> Result<(), (PathBuf, io::Error)> {
    /// Writers take turns, so that the file that is renamed last is the newest.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let [path, temporary] = ["json", "json.tmp"]
        .map(|suffix| dir.join(format!("{}-{}.{suffix}", executable(), std::process::id())));
    let text = render::json::to_string(report);
    let written = fs::create_dir_all(dir).and_then(|()| fs::write(&temporary, text));
    written
        .and_then(|()| fs::rename(&temporary, &path))
        .map_err(|error| (path, error))
}

/// Says once that the report cannot be written.
fn complain(path: &Path, error: &io::Error) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let message = format!("unsnarl: cannot write `{}`: {error}\n", path.display());
        // Nothing is left to try if stderr is closed as well.
        let _ = io::stderr().write_all(message.as_bytes());
    });
}

/// The name of the executable without its folder, its extension and cargo's hash.
fn executable() -> String {
    let path = std::env::current_exe().unwrap_or_default();
    let stem = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    match stem.rsplit_once('-') {
        Some((name, hash))
            if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
        {
            name.to_owned()
        }
        _ => stem,
    }
}
