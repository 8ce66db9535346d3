//! Reading what the processes of a run have written.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use model::report::Report;

use crate::error::{Error, ErrorKind};
use crate::merge;
use crate::progress;
use crate::shell::Shell;

/// The reports of many processes in one.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    /// What they say together.
    pub(crate) report: Report,
    /// Why some of them could not be read.
    pub(crate) lost: Vec<Error>,
}

/// Reads one report.
pub(crate) fn read(path: &Path) -> Result<Report, Error> {
    let text = fs::read_to_string(path).map_err(Error::read(path))?;
    render::json::from_str(&text).map_err(|error| {
        let path = path.to_owned();
        let source = Box::new(error);
        ErrorKind::NotAReport { path, source }.into()
    })
}

/// Reads and merges all reports in a folder; what cannot be read is left out and named.
pub(crate) fn read_folder(folder: &Path, shell: Shell) -> Result<Collected, Error> {
    let paths = report_files(folder)?;
    let bar = progress::bar(shell, "Reading", paths.len());
    let read = paths.iter().map(|path| {
        bar.inc(1);
        read(path)
    });
    let (reports, lost): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
    bar.finish_and_clear();
    Ok(Collected {
        report: merge::merge(reports.into_iter().flatten()),
        lost: lost.into_iter().filter_map(Result::err).collect(),
    })
}

/// Reads all reports in a folder that can be read.
pub(crate) fn read_each(folder: &Path) -> Result<Vec<Report>, Error> {
    let paths = report_files(folder)?;
    Ok(paths.iter().filter_map(|path| read(path).ok()).collect())
}

/// In the order of their names, so that the same files give the same report.
fn report_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).map_err(Error::read(folder))?;
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension() == Some(OsStr::new("json")) && path.is_file())
        .collect();
    paths.sort();
    Ok(paths)
}

impl Collected {
    /// Says what is missing: reports that cannot be read, and processes that did not come to their end.
    pub(crate) fn warn(&self, shell: Shell) {
        for error in &self.lost {
            shell.warn(format_args!("{}; it is left out", error.full()));
        }
        for process in self
            .report
            .processes
            .iter()
            .filter(|process| !process.ended)
        {
            shell.warn(format_args!(
                "`{}` ({}) did not come to its end: killed by a signal, aborted or exited early; what it had found \
                 until then is kept",
                process.name, process.pid
            ));
        }
    }
}
