//! A plain test, as anybody would write it, explored: what one of its schedules breaks, made small, and a line that shows it
//! again.

use std::fs;

use crate::args::{ExploreArgs, TestArgs};
use crate::command::explore;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;
use crate::project::Project;
use crate::shell::Shell;

const MANIFEST: &str =
    "[package]\nname = \"shop\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n";

/// Explores it. It has a bug that few runs show.
pub(super) fn run(project: &Project, usual: TestArgs, shell: Shell) -> Result<Exit, Error> {
    let folder = project.target_dir().join("unsnarl/demo/shop");
    let source = folder.join("src");
    fs::create_dir_all(&source).map_err(Error::write(&source))?;
    output::write(&folder.join("Cargo.toml"), MANIFEST)?;
    output::write(&source.join("lib.rs"), include_str!("explored/shop.rs"))?;
    // What was found the last time would be tried first.
    let _ = fs::remove_dir_all(folder.join("unsnarl-regressions"));
    shell.status(
        "Showing",
        format_args!("`cargo unsnarl explore` in {}", folder.display()),
    );
    let target_dir = format!("--target-dir={}", project.target_dir().display());
    let test = TestArgs {
        report_dir: Some(project.target_dir().join("unsnarl/demo/explored")),
        rest: vec![target_dir.into()],
        ..usual
    };
    explore::run_in(&folder, ExploreArgs::of(test), shell)
}
