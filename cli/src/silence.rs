//! Why a run left no report at all, and what to do.

use std::env;

use crate::runner::Job;
use crate::shell::Shell;

/// Says why nothing could be found.
pub(crate) fn explain(job: &Job, shell: Shell) {
    let (what, help) = if env::var_os("UNSNARL").is_some_and(|value| value == "off") {
        ("the engines are off", "`UNSNARL=off` is set: unset it")
    } else if job.count_tests() == Some(0) {
        (
            "no test ran",
            "write one, or select others: these arguments leave none over",
        )
    } else if job.shim.is_some() {
        (
            "no test used a lock, a channel or a thread of `std`, so nothing could be found",
            "see the warnings above, if there are any; what is not made of `std`'s is not watched",
        )
    } else {
        (
            "no test used a watched object, so nothing could be found",
            "write `unsnarl::sync` for `std::sync` and `unsnarl::thread` for `std::thread` in the code under test; if it \
             is written so already, see whether the disk is full",
        )
    };
    shell.warn(what);
    shell.help(help);
}
