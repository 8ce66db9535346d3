//! Dumps on demand: what every thread does now, for `cargo unsnarl dump`.
//!
//! The handler of the signal only leaves a mark; the monitor looks for it now and then.

use std::fs;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use model::report::{Process, Report};
use stress::dump::file;

use super::options::options;
use super::seats::seats;

static IS_WANTED: AtomicBool = AtomicBool::new(false);

/// Whether the user allows this process to be asked.
pub(super) fn is_offered() -> bool {
    options().dump
}

/// From now on the process can be asked, unless the program uses the signal itself.
pub(super) fn offer() {
    // SAFETY: the handler only writes to an atomic.
    #[cfg(unix)]
    unsafe {
        super::quit::answer_with(mark);
    }
}

#[cfg(unix)]
extern "C" fn mark(_signal: std::ffi::c_int) {
    // SeqCst: a flag.
    IS_WANTED.store(true, Ordering::SeqCst);
}

/// Writes down what every thread does, if somebody has asked.
pub(super) fn give_if_wanted() {
    // SeqCst: a flag.
    if !IS_WANTED.swap(false, Ordering::SeqCst) {
        return;
    }
    let snapshot = seats().graph.snapshot();
    let mut report = Report::new();
    report.processes = vec![Process::new("dump", process::id())];
    report.findings = vec![snapshot];
    let path = file(process::id());
    let new = path.with_extension("new");
    // Whoever asked says that there was no answer.
    let _ = fs::write(&new, render::json::to_string(&report)).and_then(|()| fs::rename(new, path));
}
