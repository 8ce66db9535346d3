//! The end of the process.

use std::ffi::c_int;
use std::io::{self, Write as _};
use std::sync::Once;

use super::options::{OnFinding, options};
use super::races::tape;
use super::report::{self, Stage, report};
use super::say;
use super::state::step_in;
use super::{dump, monitor, noise, orders, profile, stacks};
use crate::rendered::named;

/// What a process that found something exits with, like one whose tests fail.
const EXIT_FOUND: c_int = 101;

unsafe extern "C" {
    fn atexit(callback: extern "C" fn()) -> c_int;
    fn _exit(status: c_int) -> !;
}

/// Prepares the end of the process, the first time that a thread uses a watched object.
pub(super) fn at_first_use() {
    static FIRST: Once = Once::new();
    FIRST.call_once(|| {
        // SAFETY: `at_exit` takes nothing, returns nothing and does not unwind. If it cannot be registered, the report
        // lacks the end of the process, and says so.
        let _ = unsafe { atexit(at_exit) };
        profile::start();
        report::write(Stage::Running);
        noise::start();
        tape::start();
        if profile::is_on() {
            monitor::start();
        }
        if dump::is_offered() {
            dump::offer();
            monitor::start();
        } else if let (Some(folder), Some(_)) = (&options().report_dir, options().noise) {
            stacks::offer(folder);
        }
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
pub(crate) fn exit_now() -> ! {
    finish();
    let _ = io::stderr()
        .write_all(b"unsnarl: nobody can be woken to hear of this; the process ends here\n");
    // SAFETY: ends the process at once; everything found has been written.
    unsafe { _exit(EXIT_FOUND) }
}

/// Completes the report. Returns whether the process is to fail.
fn finish() -> bool {
    let _inside = step_in();
    tape::flush();
    let seen = report(|report| report.findings.len());
    report::write(Stage::Ended);
    if let (Some(folder), Some(_)) = (&options().report_dir, options().noise) {
        orders::write(folder);
    }
    let report = report(|report| report.clone());
    if options().on_finding != OnFinding::Record {
        report
            .findings
            .iter()
            .skip(seen)
            .for_each(|finding| say::print(&named(finding)));
    }
    report.has_errors()
}
