//! Why a run left no report at all, and what to do.

use std::env;

use crate::project::{Project, is_proc_macro};
use crate::runner::Job;
use crate::selection;
use crate::shell::Shell;
use crate::subject::Subject;
use crate::switch::hidden::{self, Hidden};

/// Says why nothing could be found.
pub(crate) fn explain(job: &Job, project: &Project, shell: Shell) {
    if env::var_os("UNSNARL").is_some_and(|value| value == "off") {
        shell.warn("the engines are off");
        shell.help("`UNSNARL=off` is set: unset it");
    } else if job.subject == Subject::Run {
        shell.warn("the program used nothing that is watched, so there is nothing to tell");
        shell.help("see the warnings above, if there are any");
    } else if job.count_tests() == Some(0) {
        shell.warn("no test ran");
        shell.help("write one, or select others: these arguments leave none over");
    } else if job.shim.is_some() {
        shell
            .warn("no test used a lock, a channel or a thread of `std`, so nothing could be found");
        match procedural_macro(job, project) {
            Some(name) => shell.help(format_args!(
                "`{name}` is a procedural macro: its own tests run where it runs, with the real `std`"
            )),
            None => shell.help(
                "see the warnings above, if there are any; what is not made of `std`'s is not watched",
            ),
        }
    } else if job.switch.is_empty() {
        shell.warn("nothing was watched, so nothing could be found");
        shell.help("see the first warning above");
    } else if let Some(hidden) = hidden::find(project, &job.args) {
        let Hidden {
            package,
            feature,
            place,
            line,
        } = hidden;
        shell.warn(format_args!(
            "no test used a watched object: code of `{package}` that uses `unsnarl` hangs on its feature `{feature}`, \
             which is off and forwards nothing ({place})"
        ));
        shell.help(format_args!(
            "write `{line}` under `[features]` of `{package}`, or run this with `--features {feature}`"
        ));
    } else {
        shell.warn("no test used a watched object, so nothing could be found");
        shell.help(
            "write `unsnarl::sync` for `std::sync` and `unsnarl::thread` for `std::thread` in the code under test; if it \
             is written so already, see whether the disk is full",
        );
    }
}

/// A procedural macro among the packages that were tested.
fn procedural_macro<'a>(job: &Job, project: &'a Project) -> Option<&'a str> {
    let selected = selection::select(project, &job.args).ok()?;
    let macros = selected.into_iter().find(|package| is_proc_macro(package));
    macros.map(|package| package.name.as_str())
}
