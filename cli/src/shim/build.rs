//! Building the crates that stand in for the standard library's, once for each toolchain.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::plan;
use crate::cargo_args::{CargoArgs, cargo};
use crate::error::{Error, ErrorKind};
use crate::shell::Shell;
use crate::toolchain::Toolchain;

/// The crates of the standard library that ours stand in for: each is replaced by the package `unsnarl-…`.
const REPLACED: [&str; 2] = ["core", "std"];
/// Tells our crates from the same ones in the user's program, which must not have the same identity; and lets that be
/// optimised at link time.
const FLAGS: &str = "-C metadata=unsnarl -C embed-bitcode=yes";
/// Whatever the user's configuration says of their own crates.
const PROFILE: [&str; 2] = [
    "--config=profile.release.lto=false",
    "--config=profile.release.strip=false",
];

/// The crates, ready for use.
#[derive(Debug)]
pub(super) struct Built {
    /// The libraries, by the names of the crates that they stand in for.
    pub(super) libraries: BTreeMap<String, PathBuf>,
    /// The folders of what they are built from: crates of the program, and procedural macros.
    pub(super) dependencies: Vec<PathBuf>,
    /// Changes whenever something built with the libraries has to be built again.
    pub(super) stamp: String,
}

/// Builds the crates below this folder, or finds them built. `dir` decides on the toolchain.
pub(super) fn build(
    toolchain: &Toolchain,
    dir: &Path,
    folder: &Path,
    target: &str,
    args: &CargoArgs,
    shell: Shell,
) -> Result<Built, Error> {
    let manifest = manifest()?;
    let folder = folder.join(key(toolchain)?);
    let out = folder.join(target).join("release");
    let libraries = REPLACED.map(|name| out.join(format!("libunsnarl_{name}.rlib")));
    if !libraries.iter().all(|library| library.is_file()) {
        shell.status("Preparing", "watched locks, once for this toolchain");
    }
    let mut command = cargo();
    command
        .current_dir(dir)
        .args(["build", "--release", "--quiet", "--target", target])
        .args(REPLACED.map(|name| format!("--package=unsnarl-{name}")))
        .args(REPLACED.map(|name| format!("--features=unsnarl-{name}/watched")))
        .args(PROFILE)
        .arg("--manifest-path")
        .arg(manifest)
        .arg("--target-dir")
        .arg(&folder)
        .env("CARGO_BUILD_BUILD_DIR", &folder)
        .args(args.has(&["--offline", "--frozen"]).then_some("--offline"))
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("RUSTFLAGS", FLAGS);
    without_our_wrapper(&mut command);
    let status = command.status().map_err(Error::start("cargo"))?;
    if !status.success() {
        return Err(ErrorKind::ShimBuild.into());
    }
    let mut bytes = Vec::new();
    for library in &libraries {
        bytes.extend(fs::read(library).map_err(Error::read(library))?);
    }
    Ok(Built {
        libraries: REPLACED
            .map(str::to_owned)
            .into_iter()
            .zip(libraries)
            .collect(),
        dependencies: vec![out.join("deps"), folder.join("release/deps")],
        stamp: hash(&bytes),
    })
}

/// The manifest of the workspace that the crates are in, in the repository that this command was built from.
fn manifest() -> Result<PathBuf, Error> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("Cargo.toml");
    if path.is_file() {
        Ok(path)
    } else {
        Err(ErrorKind::NoShim { path }.into())
    }
}

/// What tells toolchains, and versions of ours, apart.
fn key(toolchain: &Toolchain) -> Result<String, Error> {
    let said = toolchain.version().map_err(Error::start("rustc"))?;
    Ok(hash((said + env!("CARGO_PKG_VERSION")).as_bytes()))
}

pub(super) fn hash(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("{:016x}", hasher.finish())
}

/// Inside a run of ours, the wrapper in the environment is this program.
fn without_our_wrapper(command: &mut Command) {
    if std::env::var_os(plan::VARIABLE).is_some() {
        command.env_remove(plan::VARIABLE);
        command.env_remove("RUSTC_WRAPPER");
    }
}
