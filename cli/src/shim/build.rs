//! Building the crates that stand in for the standard library's, once for each toolchain.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::Message;

use super::digest::digest;
use super::{Mode, plan};
use crate::cargo_args::{CargoArgs, cargo};
use crate::error::{Error, ErrorKind};
use crate::shell::Shell;
use crate::toolchain::Toolchain;

/// The crates of the standard library that ours stand in for: each is replaced by the package `unsnarl-…`.
const REPLACED: [&str; 2] = ["core", "std"];
/// Tells our crates from the same ones in the user's program, which must not have the same identity; and lets that be
/// optimised at link time.
const FLAGS: &str = "-C metadata=unsnarl -C embed-bitcode=yes";
/// What suits programs that are built without optimisation.
const OUTLINED: &str = "--features=unsnarl-core/outlined";
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
    mode: Mode,
    args: &CargoArgs,
    shell: Shell,
) -> Result<Built, Error> {
    let feature = mode.feature();
    let manifest = manifest()?;
    let folder = folder.join(key(toolchain)?);
    let out = folder.join(target).join("release");
    if !out.is_dir() {
        shell.status("Preparing", "watched locks, once for this toolchain");
    }
    let mut command = cargo();
    command
        .current_dir(dir)
        .args(["build", "--release", "--quiet", "--target", target])
        .args(REPLACED.map(|name| format!("--package=unsnarl-{name}")))
        .args(REPLACED.map(|name| format!("--features=unsnarl-{name}/{feature}")))
        .args(is_unoptimised(args).then_some(OUTLINED))
        .arg("--message-format=json-render-diagnostics")
        .args(PROFILE)
        .arg("--manifest-path")
        .arg(manifest)
        .arg("--target-dir")
        .arg(&folder)
        .env("CARGO_BUILD_BUILD_DIR", &folder)
        .args(args.has(&["--offline", "--frozen"]).then_some("--offline"))
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("RUSTFLAGS", FLAGS)
        // One that is for the user's own packages, such as clippy's driver.
        .env("RUSTC_WORKSPACE_WRAPPER", "")
        .stderr(Stdio::inherit());
    without_our_wrapper(&mut command);
    let output = command.output().map_err(Error::start("cargo"))?;
    let libraries = libraries(&output.stdout);
    if !output.status.success() || libraries.len() < REPLACED.len() {
        return Err(ErrorKind::ShimBuild.into());
    }
    let mut bytes = Vec::new();
    for library in libraries.values() {
        bytes.extend(fs::read(library).map_err(Error::read(library))?);
    }
    Ok(Built {
        libraries,
        dependencies: vec![out.join("deps"), folder.join("release/deps")],
        stamp: digest(&bytes),
    })
}

/// Whether the user's program is built without optimisation, as far as the name of the profile tells.
fn is_unoptimised(args: &CargoArgs) -> bool {
    ["dev", "test"].contains(&&*args.profile())
}

/// The libraries that cargo says it has built, by the names of the crates that they stand in for.
///
/// Beside what others are built from, each has the hash of its features in its name, so that a build with others does
/// not put its own in the place of a library that is in use.
fn libraries(said: &[u8]) -> BTreeMap<String, PathBuf> {
    let artifacts = Message::parse_stream(said).filter_map(|message| match message.ok()? {
        Message::CompilerArtifact(artifact) => Some(artifact),
        _ => None,
    });
    artifacts
        .filter_map(|artifact| {
            let name = artifact.target.name.strip_prefix("unsnarl_")?;
            let mut files = artifact.filenames.iter();
            let metadata = files.find(|file| file.extension() == Some("rmeta"))?;
            let library = metadata.with_extension("rlib").into_std_path_buf();
            REPLACED.contains(&name).then(|| (name.to_owned(), library))
        })
        .collect()
}

/// Whether they are built below this folder, or some that others like them can use.
pub(super) fn is_built(toolchain: &Toolchain, folder: &Path, target: &str) -> bool {
    let key = key(toolchain).unwrap_or_default();
    folder.join(key).join(target).join("release").is_dir()
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
    Ok(digest((said + env!("CARGO_PKG_VERSION")).as_bytes()))
}

/// Inside a run of ours, the wrapper in the environment is this program.
fn without_our_wrapper(command: &mut Command) {
    if std::env::var_os(plan::VARIABLE).is_some() {
        command.env_remove(plan::VARIABLE);
        command.env_remove("RUSTC_WRAPPER");
    }
}
