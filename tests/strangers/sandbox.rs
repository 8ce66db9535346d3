//! The folder that strangers live in, and commands that are called there.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use cargo_metadata::Message;

use crate::runner;

/// What a test gives up for, in words.
pub(crate) type Result<T> = std::result::Result<T, String>;

/// Variables that are not for the strangers: those of the build of this test, and of a run around it.
const NOT_FOR_THEM: &[&str] = &[
    "CARGO_",
    "UNSNARL",
    "NEXTEST",
    "RUST_",
    "RUSTC_",
    "RUSTFLAGS",
];

/// The folder. Its `.cargo/config.toml` holds for every crate in it.
pub(crate) fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("strangers");
        let config = folder.join(".cargo/config.toml");
        fs::create_dir_all(folder.join(".cargo")).expect("the target folder can be written");
        fs::write(config, configuration()).expect("the target folder can be written");
        folder
    })
}

/// The same profile for both; what is built stays small. Warnings are theirs to look at.
fn configuration() -> String {
    let runner = env::current_exe().expect("a program knows where it is");
    format!(
        "[build]\nincremental = false\n[profile.dev]\ndebug = false\n\
         [target.'cfg(all())']\nrunner = [{:?}]\nrustflags = [\"--cap-lints=allow\"]\n",
        runner.display().to_string()
    )
}

/// `cargo`, in this folder.
pub(crate) fn cargo(folder: &Path) -> Command {
    command(folder, env!("CARGO").as_ref())
}

/// The `cargo-unsnarl` of this workspace, in this folder.
pub(crate) fn unsnarl(folder: &Path) -> Result<Command> {
    static PROGRAM: OnceLock<Result<PathBuf>> = OnceLock::new();
    let program = PROGRAM.get_or_init(build_unsnarl).as_ref()?;
    let mut command = command(folder, program);
    command.arg("unsnarl");
    Ok(command)
}

fn command(folder: &Path, program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os().filter(|(name, _)| !is_for_them(name)) {
        command.env_remove(name);
    }
    command
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", self::folder().join("target"))
        .env("CARGO_TERM_COLOR", "never");
    command
}

fn is_for_them(name: &OsString) -> bool {
    let name = name.to_string_lossy();
    let is_ours = NOT_FOR_THEM.iter().any(|start| name.starts_with(start));
    !is_ours || name == "CARGO_HOME" || name == "CARGO_BUILD_JOBS"
}

fn build_unsnarl() -> Result<PathBuf> {
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args(["build", "--quiet", "--package", "cargo-unsnarl"])
        .arg("--message-format=json-render-diagnostics");
    let output = output(&mut command)?;
    let messages = Message::parse_stream(output.stdout.as_slice());
    let mut programs = messages.filter_map(|message| match message.ok()? {
        Message::CompilerArtifact(artifact) => artifact.executable,
        _ => None,
    });
    let program = programs.next().ok_or("cargo has built no cargo-unsnarl")?;
    Ok(program.into_std_path_buf())
}

/// Runs it to its end, which has to be a good one.
pub(crate) fn output(command: &mut Command) -> Result<std::process::Output> {
    let output = said(command)?;
    if output.status.success() {
        return Ok(output);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?} ends with {}\n{stderr}", output.status))
}

/// Runs it to its end.
pub(crate) fn said(command: &mut Command) -> Result<std::process::Output> {
    command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))
}

/// An error of a file, in words.
pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> String + '_ {
    move |error| format!("{}: {error}", path.display())
}

/// Where the runner leaves what a run of `cargo test` did; empty now.
pub(crate) fn fresh_records() -> Result<PathBuf> {
    let records = folder().join("records");
    let _ = fs::remove_dir_all(&records);
    fs::create_dir_all(&records).map_err(at(&records))?;
    Ok(records)
}

/// Lets the test programs that this command starts be recorded there.
pub(crate) fn record<'a>(command: &'a mut Command, records: &Path) -> &'a mut Command {
    command.env(runner::VARIABLE, records)
}
