//! A crate of the registry, unpacked.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::MetadataCommand;

use crate::sandbox::{self, Result, at};

/// Its folder in the sandbox, with all it needs on this machine: cargo fetches what is not here yet.
pub(crate) fn fetch(name: &str, version: &str) -> Result<PathBuf> {
    let folder = sandbox::folder().join(format!("{name}-{version}"));
    if !folder.join("Cargo.toml").exists() {
        copy(&source(name, version)?, &folder)?;
        leave_workspace(&folder.join("Cargo.toml"))?;
        forget_toolchain(&folder);
    }
    fetch_dependencies(&folder)?;
    Ok(folder)
}

/// What the crate in this folder needs, tests included.
pub(crate) fn fetch_dependencies(folder: &Path) -> Result<()> {
    let has_all = sandbox::output(sandbox::cargo(folder).args(["fetch", "--offline"])).is_ok();
    if !has_all {
        sandbox::output(sandbox::cargo(folder).arg("fetch"))?;
    }
    Ok(())
}

/// Lets the package in this folder depend on a version that was withdrawn: it is as if cargo had locked it before that.
pub(crate) fn lock(folder: &Path, name: &str, version: &str) -> Result<()> {
    sandbox::output(sandbox::cargo(folder).arg("generate-lockfile"))?;
    let path = folder.join("Cargo.lock");
    let text = fs::read_to_string(&path).map_err(at(&path))?;
    let is_it = |package: &str| package.contains(&format!("name = \"{name}\"\n"));
    let packages = text.split("\n\n").map(|package| {
        if is_it(package) {
            locked(package, version)
        } else {
            package.to_owned()
        }
    });
    write(&path, &packages.collect::<Vec<_>>().join("\n\n"))
}

/// A package of a lock file, with this version, whatever its checksum.
fn locked(package: &str, version: &str) -> String {
    let lines = package.lines().filter(|line| !line.starts_with("checksum"));
    let lines = lines.map(|line| match line.starts_with("version = ") {
        true => format!("version = \"{version}\""),
        false => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Where cargo unpacks it: a crate that depends on it says so.
fn source(name: &str, version: &str) -> Result<PathBuf> {
    let asking = sandbox::folder().join("asking").join(name);
    let manifest = format!(
        "[package]\nname = \"asking\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [dependencies.it]\npackage = \"{name}\"\nversion = \"={version}\"\n[workspace]\n"
    );
    write(&asking.join("Cargo.toml"), &manifest)?;
    write(&asking.join("src/lib.rs"), "")?;
    let metadata = MetadataCommand::new()
        .current_dir(&asking)
        .exec()
        .map_err(|error| error.to_string())?;
    let package = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == name)
        .ok_or_else(|| format!("cargo knows no {name} {version}"))?;
    let manifest = package.manifest_path.as_std_path();
    Ok(manifest.parent().expect("a manifest is in a folder").into())
}

/// A published crate belongs to no workspace, least of all to the one around the sandbox.
fn leave_workspace(manifest: &Path) -> Result<()> {
    let text = fs::read_to_string(manifest).map_err(at(manifest))?;
    write(manifest, &format!("{text}\n[workspace]\n"))
}

/// It is compiled with what compiles this workspace.
fn forget_toolchain(folder: &Path) {
    for name in ["rust-toolchain", "rust-toolchain.toml"] {
        let _ = fs::remove_file(folder.join(name));
    }
}

/// Copies a folder and all below it.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).map_err(at(to))?;
    for entry in fs::read_dir(from).map_err(at(from))? {
        let entry = entry.map_err(at(from))?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to)?;
        } else {
            fs::copy(&from, &to).map_err(at(&from))?;
        }
    }
    Ok(())
}

/// Writes a file, and makes its folder.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().expect("a file is in a folder");
    fs::create_dir_all(folder).map_err(at(folder))?;
    fs::write(path, text).map_err(at(path))
}
