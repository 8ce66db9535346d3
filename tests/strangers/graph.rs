//! The most used concurrent and asynchronous crates, and all they depend on, built under the shim.

use std::path::Path;

use libtest_mimic::{Completion, Failed};

use crate::comparison::Ends;
use crate::record::End;
use crate::sandbox;
use crate::stranger;
use crate::suite::{self, skipped};

/// Crates that do not build so and are built without, with the reason.
const FALL_BACK: &[(&str, &str)] = &[];

/// Builds a crate that depends on all of them, and runs its one test.
pub(crate) fn check() -> Result<Completion, Failed> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("strangers/graph");
    let folder = sandbox::folder().join("graph");
    stranger::copy(&source, &folder)?;
    if let Err(error) = stranger::fetch_dependencies(&folder) {
        return Ok(skipped(&error));
    }
    let watched = suite::watched(&folder, &["--lib"])?;
    if Ends::of(&watched.records).count(End::Passed) != 1 {
        return Err("it does not build".into());
    }
    if watched.report.processes.is_empty() {
        return Err("nothing was watched".into());
    }
    let is_known = |line: &str| {
        FALL_BACK
            .iter()
            .any(|(name, _)| line.contains(&format!("`{name}`")))
    };
    let unknown = watched
        .unwatched
        .iter()
        .filter(|line| line.contains("does not build") && !is_known(line));
    let unknown: Vec<&str> = unknown.map(String::as_str).collect();
    if unknown.is_empty() {
        Ok(Completion::Completed)
    } else {
        Err(unknown.join("\n").into())
    }
}
