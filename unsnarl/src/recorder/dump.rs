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
    #[cfg(unix)]
    on_signal::install();
}

#[cfg(unix)]
mod on_signal {
    use std::ffi::c_int;
    use std::sync::atomic::Ordering;

    const SIGQUIT: c_int = 3;
    const SIG_DFL: usize = 0;
    const SIG_ERR: usize = usize::MAX;

    unsafe extern "C" {
        fn signal(signal: c_int, handler: usize) -> usize;
    }

    pub(super) fn install() {
        let handler = mark as extern "C" fn(c_int);
        // SAFETY: the handler only writes to an atomic.
        let before = unsafe { signal(SIGQUIT, handler as usize) };
        if before != SIG_DFL && before != SIG_ERR {
            // SAFETY: as above; it was the program's own.
            unsafe { signal(SIGQUIT, before) };
        }
    }

    extern "C" fn mark(_signal: c_int) {
        // SeqCst: a flag.
        super::IS_WANTED.store(true, Ordering::SeqCst);
    }
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
