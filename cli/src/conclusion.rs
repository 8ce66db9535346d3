//! The end of a run: shows what was found, keeps it, and says it in the exit code.

use std::path::{Path, PathBuf};

use model::finding::{Finding, Severity};
use model::report::Report;
use render::source::Sources;
use render::text;

use crate::args::MessageFormat;
use crate::baseline::Baseline;
use crate::collect::{self, Collected};
use crate::error::Error;
use crate::exit::Exit;
use crate::forms;
use crate::owners::Owners;
use crate::project::Project;
use crate::runner::{Job, Tests};
use crate::runs::Runs;
use crate::shell::Shell;
use crate::silence;
use crate::verdict::{self, Kept};
use crate::view::options;

/// Reads what the test processes have left behind, and reports it.
pub(crate) fn draw(
    job: &mut Job,
    tests: Tests,
    project: &Project,
    runs: &Runs,
    shell: Shell,
) -> Result<Exit, Error> {
    if tests == Tests::Passed && job.args.has(&["--no-run"]) {
        return Ok(Exit::Clean);
    }
    let mut collected = collect::read_folder(&job.report_dir, shell)?;
    let root = project.workspace_root();
    render::names::resolve(&mut collected.report, &Sources::with_root(root));
    Owners::of(project).apply(&mut collected.report, job.deps);
    let baseline = Baseline::read(root)?;
    let stale = baseline.accept(&mut collected.report);
    let tests = by_themselves(job, tests, &collected.report, project, shell)?;
    collected.warn(shell);
    if let Some(shim) = &job.shim {
        shim.warn_of_unwatched(project, &job.args, shell);
    }
    let kept = match tests {
        Tests::Passed | Tests::Failed | Tests::Stopped => {
            show_and_keep(&collected, job, root, runs, shell)?
        }
        Tests::NotBuilt | Tests::Misused => Kept::All,
    };
    if tests == Tests::Passed && job.args.selects_all() && !collected.report.processes.is_empty() {
        baseline.warn_of_stale(&stale, shell);
    }
    explain(&collected, tests, job, project, shell);
    Ok(verdict::judge(&collected.report, tests, kept))
}

/// How the tests went by themselves. A test process does not know what the project accepts, and may have failed for
/// that alone; then they are run again.
fn by_themselves(
    job: &mut Job,
    tests: Tests,
    report: &Report,
    project: &Project,
    shell: Shell,
) -> Result<Tests, Error> {
    let is_harmless = |finding: &Finding| !finding.fails() && finding.severity != Severity::Warning;
    let may_have_failed = job.fails_on_findings() && report.findings.iter().any(is_harmless);
    if tests != Tests::Failed || report.has_errors() || !may_have_failed {
        return Ok(tests);
    }
    shell.status(
        "Again",
        "to see whether the tests fail by themselves, and not for what fails no run",
    );
    job.run_recording(project, shell)
}

/// Shows it first and keeps it then, whatever happens to either.
fn show_and_keep(
    collected: &Collected,
    job: &Job,
    root: &Path,
    runs: &Runs,
    shell: Shell,
) -> Result<Kept, Error> {
    let report = &collected.report;
    let shown = show(report, job.format, root, shell);
    let written = keep(report, runs);
    forms::write(&job.forms, report, root, &runs.latest(), shell)?;
    shown?;
    if job.format == MessageFormat::Human {
        if let Ok(Some(path)) = &written {
            shell.result(format_args!("report: {}\n", path.display()))?;
        }
        if report.has_errors() {
            shell.result(format_args!("again: {}\n", job.again()))?;
        }
    }
    Ok(match written {
        Err(error) => {
            shell.error(&error);
            Kept::NotWritten
        }
        Ok(_) if !collected.lost.is_empty() => Kept::NotAllRead,
        Ok(_) => Kept::All,
    })
}

/// Shows a report on stdout.
pub(crate) fn show(
    report: &Report,
    format: MessageFormat,
    root: &Path,
    shell: Shell,
) -> Result<(), Error> {
    match format {
        MessageFormat::Json => shell.result(render::json::to_string(report)),
        // Nobody has seen anything: a summary of that would read as if all were well.
        MessageFormat::Human if report.processes.is_empty() => Ok(()),
        MessageFormat::Human => shell.result(text::report(report, &options(root, None, shell))),
    }
}

/// Puts the report where the last one was. A run that saw nothing leaves that of the last run that did.
fn keep(report: &Report, runs: &Runs) -> Result<Option<PathBuf>, Error> {
    if report.processes.is_empty() {
        return Ok(None);
    }
    let text = render::json::to_string(report);
    runs.replace_latest(&text).map(Some)
}

/// Says what is wrong with the run, where that is not a finding.
fn explain(collected: &Collected, tests: Tests, job: &Job, project: &Project, shell: Shell) {
    let is_silent = collected.report.processes.is_empty() && collected.lost.is_empty();
    match tests {
        Tests::NotBuilt => {
            shell.warn(format_args!(
                "{} not build with `unsnarl` switched on",
                job.subject.does()
            ));
            match job.switch.get(..2) {
                None => shell.help("see whether `cargo test` builds"),
                Some(switch) => shell.help(format_args!(
                    "cargo was given `{}`; see whether `cargo test` builds without it",
                    switch.join(" ")
                )),
            }
        }
        Tests::Failed if !collected.report.has_errors() => {
            shell.warn(format_args!(
                "{}, and no finding explains it",
                job.subject.fails()
            ));
            if job.shim.is_some() {
                shell.help(
                    "see whether they fail under `cargo test` too: watched types of `std` have other names and sizes",
                );
            }
        }
        Tests::Passed if is_silent => silence::explain(job, project, shell),
        _ => {}
    }
}
