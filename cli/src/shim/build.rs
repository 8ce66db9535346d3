//! Building the crates that stand in for the standard library's, once for each toolchain.

use std::collections::BTreeMap;
use std::env::consts::DLL_EXTENSION;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::Message;

use super::digest::digest;
use super::store::Store;
use super::{Mode, plan};
use crate::cargo_args::{CargoArgs, cargo};
use crate::error::{Error, ErrorKind};
use crate::profile;
use crate::project::Project;
use crate::shell::Shell;
use crate::toolchain::Toolchain;

/// The crates of the standard library that ours stand in for: each is replaced by the package `unsnarl-…`.
const REPLACED: [&str; 2] = ["core", "std"];
/// Tells our crates from the same ones in the user's program, which must not have the same identity; and lets that be
/// optimised at link time.
const FLAGS: &str = "-C metadata=unsnarl -C embed-bitcode=yes";
/// What suits programs that are built without optimisation.
const OUTLINED: &str = "--features=unsnarl-core/outlined";
/// What the twins of tokio are made of.
const TASKS: &str = "--features=unsnarl-core/tasks";
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
    /// The folder that they are in, with what they are built from: crates of the program, and procedural macros.
    pub(super) folder: PathBuf,
    /// Changes whenever something built with the libraries has to be built again.
    pub(super) stamp: String,
}

/// What the crates can do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    /// What their twins can do.
    pub(super) mode: Mode,
    /// Whether they have what twins of tokio are made of.
    pub(super) has_tasks: bool,
}

/// Builds the crates in this store, or finds them built. `dir` decides on the toolchain.
pub(super) fn build(
    store: Store,
    dir: &Path,
    project: &Project,
    parts: Parts,
    args: &CargoArgs,
    shell: Shell,
) -> Result<Built, Error> {
    let feature = parts.mode.feature();
    let manifest = manifest()?;
    let folder = store.build_dir();
    let target = project.platform().triple().ok_or(ErrorKind::NoHost)?;
    let is_unoptimised = profile::is_unoptimised(project, &args.profile());
    if store.is_new() {
        shell.status("Preparing", "watched locks, once for this toolchain");
    }
    let mut command = cargo();
    command
        .current_dir(dir)
        .args(["build", "--release", "--quiet", "--target", target])
        .args(REPLACED.map(|name| format!("--package=unsnarl-{name}")))
        .args(REPLACED.map(|name| format!("--features=unsnarl-{name}/{feature}")))
        .args(is_unoptimised.then_some(OUTLINED))
        .args(parts.has_tasks.then_some(TASKS))
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
    let files = libraries(&output.stdout);
    let (names, ours): (Vec<_>, Vec<_>) = files.iter().filter_map(|file| stand_in(file)).unzip();
    if !output.status.success() || ours.len() < REPLACED.len() {
        return Err(ErrorKind::ShimBuild.into());
    }
    let mut bytes = Vec::new();
    for library in &ours {
        bytes.extend(fs::read(library).map_err(Error::read(library))?);
    }
    let stamp = digest(&bytes);
    let folder = store.keep(&stamp, &files)?;
    let kept = ours
        .iter()
        .map(|library| folder.join(library.file_name().unwrap_or_default()));
    Ok(Built {
        libraries: names.into_iter().zip(kept).collect(),
        folder,
        stamp,
    })
}

/// The libraries that cargo says it has built.
///
/// Those of ours lie in two places; beside what others are built from, each has the hash of its features in its name, so
/// that a build with others does not put its own in the place of a library that is in use.
fn libraries(said: &[u8]) -> Vec<PathBuf> {
    let artifacts = Message::parse_stream(said).filter_map(|message| match message.ok()? {
        Message::CompilerArtifact(artifact) => Some(artifact),
        _ => None,
    });
    let libraries = artifacts.filter_map(|artifact| {
        let with_extension = |extension: &str| {
            let mut files = artifact.filenames.iter();
            files.find(|file| file.extension() == Some(extension))
        };
        let metadata = with_extension("rmeta").map(|file| file.with_extension("rlib"));
        // Procedural macros have none.
        metadata.or_else(|| with_extension(DLL_EXTENSION).cloned())
    });
    libraries.map(Into::into).collect()
}

/// The name of the crate that a library stands in for, and the library.
fn stand_in(library: &Path) -> Option<(String, PathBuf)> {
    let name = library.file_stem()?.to_str()?.split('-').next()?;
    let name = name.strip_prefix("libunsnarl_")?;
    REPLACED
        .contains(&name)
        .then(|| (name.to_owned(), library.to_owned()))
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

/// What tells toolchains, and versions and places of ours, apart.
pub(super) fn key(toolchain: &Toolchain) -> Result<String, Error> {
    let said = toolchain.version().map_err(Error::start("rustc"))?;
    let ours = [env!("CARGO_PKG_VERSION"), env!("CARGO_MANIFEST_DIR")];
    Ok(digest((said + &ours.concat()).as_bytes()))
}

/// Inside a run of ours, the wrapper in the environment is this program.
fn without_our_wrapper(command: &mut Command) {
    if std::env::var_os(plan::VARIABLE).is_some() {
        command.env_remove(plan::VARIABLE);
        command.env_remove("RUSTC_WRAPPER");
    }
}
