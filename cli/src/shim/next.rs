//! The user's own wrapper around the compiler, which ours has to call.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::plan;
use crate::cargo_config::CargoConfig;
use crate::error::{Error, ErrorKind};
use crate::shell::Shell;

/// What this program is called.
const OURS: &str = "cargo-unsnarl";

/// The wrapper, if there is one.
pub(crate) fn wrapper(config: &CargoConfig) -> Result<Option<PathBuf>, Error> {
    let Some(path) = named(config).filter(|path| !is_ours(path)) else {
        return Ok(None);
    };
    if is_there(&path) {
        Ok(Some(path))
    } else {
        Err(ErrorKind::NoWrapper { path }.into())
    }
}

/// An empty variable means none, whatever the configuration says.
fn named(config: &CargoConfig) -> Option<PathBuf> {
    match env::var_os("RUSTC_WRAPPER") {
        // Inside a run of ours, it is this program.
        Some(_) if env::var_os(plan::VARIABLE).is_some() => None,
        Some(path) if path.is_empty() => None,
        Some(path) => Some(path.into()),
        None => config.program("build.rustc-wrapper"),
    }
}

/// Whether somebody has left this program, as it once was, in the environment, where it is gone from.
pub(crate) fn is_left_behind() -> Option<PathBuf> {
    let path = PathBuf::from(env::var_os("RUSTC_WRAPPER")?);
    (is_ours(&path) && !is_there(&path)).then_some(path)
}

/// Says so.
pub(crate) fn warn_of_left_behind(shell: Shell) {
    if let Some(path) = is_left_behind() {
        shell.warn(format_args!(
            "`RUSTC_WRAPPER` is `{}`, which is not there: it is left out of this run",
            path.display()
        ));
        shell.help("run `unset RUSTC_WRAPPER`; a build by cargo alone needs that too");
    }
}

fn is_ours(path: &Path) -> bool {
    path.file_stem() == Some(OsStr::new(OURS))
}

fn is_there(path: &Path) -> bool {
    if path.components().count() > 1 {
        return path.is_file();
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| {
        let program = folder.join(path);
        program.is_file() || program.with_extension(env::consts::EXE_EXTENSION).is_file()
    })
}
