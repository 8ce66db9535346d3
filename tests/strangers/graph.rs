//! The most used concurrent and asynchronous crates, and all they depend on, built under the shim.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Completion, Failed};

use crate::comparison::Ends;
use crate::record::End;
use crate::sandbox::{self, Result};
use crate::stranger;
use crate::suite::{self, Watched, skipped};
use crate::table;
use crate::times::{Time, Times};

/// Crates that do not build so and are built without, with the reason.
const FALL_BACK: &[(&str, &str)] = &[];

/// Builds a crate that depends on all of them, plain and watched, and runs its one test.
pub(crate) fn check() -> std::result::Result<Completion, Failed> {
    let folder = sandbox::folder().join("graph");
    stranger::copy(&source(), &folder)?;
    if let Err(error) = stranger::fetch_dependencies(&folder) {
        return Ok(skipped(&error));
    }
    // So that ours are there already: they are built once for a toolchain, and not for each project.
    suite::watched(unsnarl(&empty()?)?, &["--lib"])?;
    let (_, plain) = timed(|| build(&folder))?;
    let (watched, time) = timed(|| suite::watched(unsnarl(&folder)?, &["--lib"]))?;
    let times = Times {
        plain,
        watched: time,
    };
    tell_row(&watched, times)?;
    judge(&watched)
}

/// The crate that depends on all of them.
fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("strangers/graph")
}

/// A crate of nothing.
fn empty() -> Result<PathBuf> {
    let folder = sandbox::folder().join("empty");
    let manifest =
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n";
    stranger::write(&folder.join("Cargo.toml"), manifest)?;
    stranger::write(&folder.join("src/lib.rs"), "")?;
    Ok(folder)
}

/// A target folder for this alone: a build that is timed begins with nothing.
fn target_dir() -> PathBuf {
    sandbox::folder().join("graph-target")
}

fn unsnarl(folder: &Path) -> Result<Command> {
    let mut unsnarl = sandbox::unsnarl(folder)?;
    unsnarl.env("CARGO_TARGET_DIR", target_dir());
    Ok(unsnarl)
}

/// As it is built without us.
fn build(folder: &Path) -> Result<()> {
    let mut cargo = sandbox::cargo(folder);
    cargo
        .env("CARGO_TARGET_DIR", target_dir())
        .args(["test", "--offline", "--lib", "--no-run"]);
    sandbox::output(&mut cargo).map(drop)
}

/// How long it takes when nothing is built yet but our crates.
fn timed<T>(call: impl FnOnce() -> Result<T>) -> Result<(T, Time)> {
    for built in ["debug", "unsnarl/shim"] {
        let _ = fs::remove_dir_all(target_dir().join(built));
    }
    let (result, time) = Time::of_children(call).map_err(|error| error.to_string())?;
    Ok((result?, time))
}

fn tell_row(watched: &Watched, times: Times) -> Result<()> {
    let manifest = source().join("Cargo.toml");
    let lock = source().join("Cargo.lock");
    let count = |path: &Path, what: &str| {
        let text = fs::read_to_string(path).map_err(sandbox::at(path))?;
        Result::Ok(text.matches(what).count())
    };
    // Each is there in one version, and the crate that depends on them is locked too.
    let (listed, all) = (count(&manifest, "\"=")?, count(&lock, "[[package]]")? - 1);
    table::tell(&[
        format!(
            "{listed} crates and {} more in their lock file",
            all - listed
        ),
        watched.cell_of_unwatched(),
        times.cpu(),
        times.wall(),
    ])
}

fn judge(watched: &Watched) -> std::result::Result<Completion, Failed> {
    if Ends::of(&watched.records).count(End::Passed) != 1 {
        return Err("it does not build".into());
    }
    if watched.report.processes.is_empty() {
        return Err("nothing was watched".into());
    }
    let is_known = |thing: &str| {
        let mut known = FALL_BACK.iter();
        known.any(|(name, _)| thing.starts_with(&format!("`{name}` of ")))
    };
    let fallen = watched
        .unwatched
        .iter()
        .filter(|thing| thing.contains("` of "));
    let unknown: Vec<_> = fallen.filter(|thing| !is_known(thing)).cloned().collect();
    if unknown.is_empty() {
        Ok(Completion::Completed)
    } else {
        Err(unknown.join("\n").into())
    }
}
