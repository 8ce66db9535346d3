//! Reports that an earlier run has left.

use std::env;
use std::path::{Path, PathBuf};

use model::report::Report;
use render::source::Sources;

use crate::cargo_args::CargoArgs;
use crate::collect;
use crate::error::{Error, ErrorKind};
use crate::project::Project;
use crate::runs::Runs;
use crate::shell::Shell;

/// Where a report is, and where the sources are that it speaks of.
#[derive(Debug)]
pub(crate) struct Place {
    report: PathBuf,
    /// The folder that sites are relative to.
    pub(crate) root: PathBuf,
}

/// The report that is named, or that of the last run here.
pub(crate) fn find(named: Option<&Path>) -> Result<Place, Error> {
    let here = PathBuf::from(".");
    let project = Project::read_members(&here, &CargoArgs::default());
    let Some(named) = named else {
        let project = project?;
        let runs = env::var_os("UNSNARL_REPORT_DIR")
            .map_or_else(|| Runs::of(&project), |folder| Runs::at(folder.into()));
        let report = runs.latest();
        if !report.exists() {
            return Err(ErrorKind::NoReport { path: report }.into());
        }
        let root = project.workspace_root().to_owned();
        return Ok(Place { report, root });
    };
    // A report may be looked at anywhere; without the project, it is shown without its sources.
    let root = project.map_or(here, |project| project.workspace_root().to_owned());
    let report = named.to_owned();
    Ok(Place { report, root })
}

/// Reads the report, or all those in the folder, and names what has no name yet.
pub(crate) fn load(place: &Place, shell: Shell) -> Result<Report, Error> {
    let mut report = if place.report.is_dir() {
        let collected = collect::read_folder(&place.report, shell)?;
        collected.warn(shell);
        collected.report
    } else {
        collect::read(&place.report)?
    };
    render::names::resolve(&mut report, &Sources::with_root(&place.root));
    Ok(report)
}
