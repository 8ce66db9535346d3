//! A published crate that knows nothing of us, fetched by its version and tested as it is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cargo_metadata::{Metadata, MetadataCommand};

use crate::args::TestArgs;
use crate::cargo_args::cargo;
use crate::collect;
use crate::command::test;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;
use crate::project::Project;
use crate::runs::Runs;
use crate::settings::Reach;
use crate::shell::Shell;

/// The heart of rayon: small, known to everybody, and full of threads.
const NAME: &str = "rayon-core";
const VERSION: &str = "1.13.0";
/// Its own tests, without the one that counts to four thousand million.
const TESTS: [&str; 4] = ["--lib", "--", "--skip", "join_counter_overflow"];

/// Tests it, and says what was seen; where it cannot be fetched, that is said.
pub(super) fn run(project: &Project, usual: TestArgs, shell: Shell) -> Result<(), Error> {
    let folder = project.target_dir().join("unsnarl/demo");
    let Some(copy) = fetch(&folder)? else {
        shell.warn(format_args!(
            "{NAME} {VERSION} is left out: cargo cannot fetch it, for which it needs the network once"
        ));
        return Ok(());
    };
    shell.status(
        "Showing",
        format_args!("`cargo unsnarl test` in {NAME} {VERSION}, as it was published"),
    );
    let reports = folder.join("reports");
    let target_dir = format!("--target-dir={}", project.target_dir().display());
    let args = TestArgs {
        shim: Some(Reach::All),
        report_dir: Some(reports.clone()),
        rest: std::iter::once(target_dir.as_str())
            .chain(TESTS)
            .map(Into::into)
            .collect(),
        ..usual
    };
    let exit = test::run_in(&copy, args, shell)?;
    if exit == Exit::Clean {
        let report = collect::read(&Runs::at(reports).latest())?;
        let threads: u64 = report.processes.iter().map(|process| process.threads).sum();
        shell.result(format_args!(
            "{NAME} {VERSION}, not a line of it changed: {threads} threads watched\n"
        ))?;
    }
    Ok(())
}

/// A copy of the package that can be tested, with all that it needs; nothing, if that is not to be had.
fn fetch(folder: &Path) -> Result<Option<PathBuf>, Error> {
    let copy = folder.join(format!("{NAME}-{VERSION}"));
    if !copy.join("Cargo.toml").is_file() {
        let manifest = format!(
            "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             [dependencies]\n{NAME} = \"={VERSION}\"\n[workspace]\n"
        );
        let needing = folder.join("fetch");
        fs::create_dir_all(needing.join("src")).map_err(Error::write(&needing))?;
        output::write(&needing.join("Cargo.toml"), &manifest)?;
        output::write(&needing.join("src/lib.rs"), "")?;
        let Some(source) = metadata(&needing).and_then(|metadata| source(&metadata)) else {
            return Ok(None);
        };
        copy_all(&source, &copy).map_err(Error::write(&copy))?;
    }
    // Its tests need more than itself.
    Ok(metadata(&copy).map(|_| copy))
}

fn source(metadata: &Metadata) -> Option<PathBuf> {
    let mut packages = metadata.packages.iter();
    let package = packages.find(|package| package.name == NAME)?;
    Some(package.manifest_path.parent()?.into())
}

/// What cargo says of a project, after it has fetched all that there is to fetch.
fn metadata(dir: &Path) -> Option<Metadata> {
    let mut command = cargo();
    command
        .current_dir(dir)
        .args(["metadata", "--quiet", "--format-version", "1"])
        .stderr(Stdio::null());
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    MetadataCommand::parse(String::from_utf8(output.stdout).ok()?).ok()
}

/// Copies a package out of cargo's own folder, and makes it a workspace of its own. What is not whole is not there.
fn copy_all(source: &Path, copy: &Path) -> io::Result<()> {
    let partial = copy.with_extension("partial");
    let _ = fs::remove_dir_all(&partial);
    copy_folder(source, &partial)?;
    let manifest = partial.join("Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    if !text.contains("[workspace]") {
        fs::write(&manifest, text + "\n[workspace]\n")?;
    }
    let _ = fs::remove_dir_all(copy);
    fs::rename(&partial, copy)
}

fn copy_folder(source: &Path, copy: &Path) -> io::Result<()> {
    fs::create_dir_all(copy)?;
    for entry in fs::read_dir(source)? {
        let entry = entry?;
        let to = copy.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else {
            fs::write(to, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{copy_all, metadata};

    #[test]
    fn what_cannot_be_had_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("src/lib.rs"), "").unwrap();
        let manifest =
            "[package]\nname = \"a\"\n[dependencies]\nb = { path = \"nowhere\" }\n[workspace]";
        fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
        assert!(metadata(folder.path()).is_none());
    }

    #[test]
    fn a_copy_is_a_workspace_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let (source, copy) = (
            folder.path().join("a-1.0.0"),
            folder.path().join("copy-1.0.0"),
        );
        fs::create_dir_all(source.join("src")).unwrap();
        fs::write(source.join("Cargo.toml"), "[package]").unwrap();
        fs::write(source.join("src/lib.rs"), "x").unwrap();
        copy_all(&source, &copy).unwrap();
        let manifest = fs::read_to_string(copy.join("Cargo.toml")).unwrap();
        assert_eq!(manifest, "[package]\n[workspace]\n");
        assert_eq!(fs::read_to_string(copy.join("src/lib.rs")).unwrap(), "x");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
