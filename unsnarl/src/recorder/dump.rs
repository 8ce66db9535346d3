//! Dumps on demand: what every thread does now, for `cargo unsnarl dump`.
//!
//! The handler of the signal only leaves a mark; the monitor looks for it now and then.

use std::fs;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(not(feature = "tasks"))]
use model::id::ThreadId;
use model::report::{Process, Report};
#[cfg(not(feature = "tasks"))]
use model::site::Caller;
#[cfg(not(feature = "tasks"))]
use rustc_hash::FxHashMap;
use stress::dump::file;

use super::options::options;
use super::seats::seats;
#[cfg(feature = "tasks")]
use super::tasks;

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
    #[cfg(feature = "tasks")]
    let places = tasks::suspended();
    #[cfg(not(feature = "tasks"))]
    let places = FxHashMap::<ThreadId, Caller>::default();
    let snapshot = seats()
        .graph
        .snapshot(|thread| places.get(&thread).copied());
    let mut report = Report::new();
    report.processes = vec![Process::new("dump", process::id())];
    report.findings = vec![snapshot];
    let path = file(process::id());
    let new = path.with_extension("new");
    // Whoever asked says that there was no answer.
    let _ = fs::write(&new, render::json::to_string(&report)).and_then(|()| fs::rename(new, path));
}
