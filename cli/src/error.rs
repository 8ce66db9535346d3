//! Why a command could not do its work.

use std::error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::exit::Exit;
use crate::switch::need::Need;

/// Why a command could not do its work. Findings are not errors.
#[derive(Debug)]
pub(crate) struct Error {
    kind: ErrorKind,
}

pub(crate) type Cause = Box<dyn error::Error + Send + Sync>;

#[derive(Debug)]
pub(crate) enum ErrorKind {
    /// `cargo metadata` refused.
    Project { said: String },
    /// No selected package exists.
    NoPackage { specs: Vec<String> },
    /// No selected package depends on `unsnarl`.
    NoDependency { packages: Vec<String> },
    /// A manifest lacks something before cargo can switch `unsnarl` on.
    Lacks { need: Need },
    /// A package needs a feature of its own before cargo, as it was, can switch `unsnarl` on in it.
    OldResolver { package: String },
    /// `--runner nextest` without nextest.
    NoNextest,
    /// The settings file is wrong.
    Settings { path: PathBuf, source: Cause },
    /// The settings name a package that is not there.
    UnknownPackage {
        path: PathBuf,
        line: usize,
        name: String,
    },
    /// The baseline is wrong.
    Baseline { path: PathBuf, source: Cause },
    /// Another campaign runs in the same folder.
    Busy { folder: PathBuf },
    /// There is no interrupted campaign to go on with.
    NoCampaign { path: PathBuf },
    /// What an interrupted campaign has left cannot be used.
    Campaign { path: PathBuf, source: Cause },
    /// The interrupted campaign is not the one that is asked for: what it is.
    OtherCampaign { said: String },
    /// No shard, or none that can be.
    Shard { said: String },
    /// There is no process of this number, or it is somebody else's.
    NoProcess { process: u32 },
    /// A process has said something that cannot be read.
    Answer { process: u32, said: String },
    /// A variable of the environment has a value that it cannot have.
    Variable {
        name: &'static str,
        text: String,
        why: String,
    },
    /// Loom is wanted, and an engine is on as well.
    BothEngines { engine: &'static str },
    /// Nextest cannot run campaigns.
    NextestCampaign,
    /// The crate that stands in for `std` is not where it was.
    NoShim { path: PathBuf },
    /// The crate that stands in for `std` does not build.
    ShimBuild,
    /// Cargo builds another standard library.
    BuildStd,
    /// The compiler is too old.
    OldRust { release: String },
    /// The platform has no standard library.
    NoStd { target: String },
    /// The user's own wrapper is not there.
    NoWrapper { path: PathBuf },
    /// The compiler does not say what platform it builds for.
    NoHost,
    /// A path that cannot be put into a variable.
    OddPath,
    /// No run has left a report yet.
    NoReport { path: PathBuf },
    /// A file is not a report of ours.
    NotAReport { path: PathBuf, source: Cause },
    /// A file cannot be read.
    Read { path: PathBuf, source: io::Error },
    /// A file cannot be written.
    Write { path: PathBuf, source: io::Error },
    /// Standard output cannot be written.
    Print { source: io::Error },
    /// A program cannot be started or waited for.
    Start { program: String, source: io::Error },
    /// The demo was called elsewhere.
    NoRepository,
    /// A part of the demo does not build.
    DemoBuild { package: &'static str },
    /// The fixtures' own program answers in a way we do not know.
    DemoList { said: String },
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self { kind }
    }
}

impl Error {
    /// For `map_err`: this file could not be read.
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| ErrorKind::Read { path, source }.into()
    }

    /// For `map_err`: this file could not be written.
    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| ErrorKind::Write { path, source }.into()
    }

    /// For `map_err`: this program could not be started.
    pub(crate) fn start(program: &str) -> impl FnOnce(io::Error) -> Self {
        let program = program.to_owned();
        |source| ErrorKind::Start { program, source }.into()
    }

    /// The error and all its causes in one line.
    pub(crate) fn full(&self) -> String {
        let mut text = self.to_string();
        let mut cause = error::Error::source(self);
        while let Some(source) = cause {
            text = format!("{text}: {source}");
            cause = source.source();
        }
        text
    }

    /// Whether `unsnarl` cannot be switched on, where it could take the place of `std` all the same.
    pub(crate) fn is_of_switch(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::NoDependency { .. }
                | ErrorKind::Lacks { .. }
                | ErrorKind::OldResolver { .. }
        )
    }

    /// Whether nothing can be watched as it is, though the tests could run.
    pub(crate) fn is_of_ground(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::BuildStd
                | ErrorKind::OldRust { .. }
                | ErrorKind::NoStd { .. }
                | ErrorKind::NoShim { .. }
                | ErrorKind::ShimBuild
        )
    }

    /// The exit code that says so.
    pub(crate) fn exit(&self) -> Exit {
        match self.kind {
            ErrorKind::Write { .. }
            | ErrorKind::Print { .. }
            | ErrorKind::Start { .. }
            | ErrorKind::ShimBuild
            | ErrorKind::DemoBuild { .. }
            | ErrorKind::DemoList { .. } => Exit::Internal,
            _ => Exit::Usage,
        }
    }

    /// What to do about it.
    pub(crate) fn help(&self) -> Option<String> {
        Some(match &self.kind {
            ErrorKind::Project { .. } => {
                "run it inside a cargo project, or name one with `--manifest-path`".into()
            }
            ErrorKind::NoPackage { .. } => "`-p` takes the name of a workspace member".into(),
            ErrorKind::NoDependency { packages } => no_dependency(packages),
            ErrorKind::Lacks { need } => need.help(),
            ErrorKind::OldResolver { package } => format!(
                "add `check = [\"unsnarl/check\"]` under `[features]` of `{package}`, or `resolver = \"2\"` to the \
                 workspace"
            ),
            ErrorKind::NoNextest => {
                "run `cargo install cargo-nextest --locked`, or leave out `--runner nextest`".into()
            }
            ErrorKind::Settings { .. } => {
                "it knows `runner = \"cargo\"|\"nextest\"`, `on-finding = \"record\"|\"exit\"|\"panic\"|\"abort\"`, \
                 `deps = \"note\"|\"error\"` and, \
                 under `[shim]`, `mode = \"auto\"|\"none\"|\"workspace\"|\"all\"`, `include = [\"PACKAGE\"]` and \
                 `exclude = [\"PACKAGE\"]`"
                    .into()
            }
            ErrorKind::UnknownPackage { .. } => {
                "`cargo tree` shows which packages there are; a name stands there without its version".into()
            }
            ErrorKind::Baseline { .. } => {
                "each entry is `[[accept]]` with `fingerprint = \"…\"`, as reports have it, and `reason = \"…\"`".into()
            }
            ErrorKind::Busy { .. } => {
                "wait until it ends, or name another folder with `--report-dir`".into()
            }
            ErrorKind::NoCampaign { .. }
            | ErrorKind::Campaign { .. }
            | ErrorKind::OtherCampaign { .. } => {
                "leave out `--resume` to begin a new one".into()
            }
            ErrorKind::Variable { .. } => "set it to another value, or unset it".into(),
            ErrorKind::BothEngines { engine } => format!(
                "a manifest names `features = [\"{engine}\"]` for `unsnarl`: leave that out, since `cargo unsnarl` switches on \
                 what it needs"
            ),
            ErrorKind::NextestCampaign => "leave out `--runner nextest`".into(),
            ErrorKind::NoShim { .. } => {
                "`--shim` needs the repository that this command was installed from: clone it and run \
                 `cargo install --path cli` in it"
                    .into()
            }
            ErrorKind::ShimBuild => format!(
                "cargo says why above; it takes Rust {} or newer, and the network the first time",
                env!("CARGO_PKG_RUST_VERSION")
            ),
            ErrorKind::BuildStd => {
                "leave out `-Z build-std`, or use `unsnarl::sync` by hand, with `--shim none`".into()
            }
            ErrorKind::OldRust { .. } => format!(
                "test with a newer toolchain: `cargo +stable unsnarl test`; it takes {} or newer",
                env!("CARGO_PKG_RUST_VERSION")
            ),
            ErrorKind::NoStd { target } => format!(
                "run `rustup target add {target}`, or test on a platform that has one"
            ),
            ErrorKind::NoWrapper { .. } => {
                "install it, or unset `RUSTC_WRAPPER` or `build.rustc-wrapper`, whichever names it".into()
            }
            ErrorKind::NoHost => "see what `rustc -vV` says, or name a platform with `--target`".into(),
            ErrorKind::OddPath => "build in a folder whose path is UTF-8, with `--target-dir`".into(),
            ErrorKind::NoReport { .. } => "run `cargo unsnarl test` first, or name a report".into(),
            ErrorKind::NotAReport { .. } => {
                "a report is what `cargo unsnarl test` writes to `target/unsnarl/latest/report.json`; run it again, or \
                 update cargo-unsnarl if the report comes from a newer one"
                    .into()
            }
            ErrorKind::Write { .. } => {
                "free some space or rights there, or name another place with `-o` or `--report-dir`".into()
            }
            ErrorKind::NoRepository => {
                "run it in a `git clone` of unsnarl's own repository".into()
            }
            _ => return None,
        })
    }
}

fn no_dependency(packages: &[String]) -> String {
    let package = match packages {
        [only] => format!(" -p {only}"),
        _ => " -p <PACKAGE>".to_owned(),
    };
    format!(
        "leave out `--shim none`, and it is watched as it is; or run `cargo add{package} unsnarl`, and write \
         `unsnarl::sync` for `std::sync` and `unsnarl::thread` for `std::thread` in it"
    )
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Project { said } => write!(f, "cannot read the cargo project: {said}"),
            ErrorKind::NoPackage { specs } => {
                write!(f, "no workspace member matches {}", list(specs))
            }
            ErrorKind::NoDependency { packages } => {
                write!(f, "nothing in {} depends on `unsnarl`", list(packages))
            }
            ErrorKind::Lacks { need } => write!(f, "{need}"),
            ErrorKind::OldResolver { package } => {
                write!(f, "cargo has no way to switch `unsnarl` on in `{package}`")
            }
            ErrorKind::NoNextest => f.write_str("cargo-nextest is not installed"),
            ErrorKind::Settings { path, .. } => {
                write!(f, "cannot read the settings in `{}`", path.display())
            }
            ErrorKind::UnknownPackage { path, line, name } => write!(
                f,
                "`{}`, line {line}: the project has no package `{name}`",
                path.display()
            ),
            ErrorKind::Baseline { path, .. } => {
                write!(f, "cannot read the baseline in `{}`", path.display())
            }
            ErrorKind::Busy { folder } => write!(
                f,
                "another `cargo unsnarl stress` is at work in `{}`",
                folder.display()
            ),
            ErrorKind::NoCampaign { path } => write!(
                f,
                "there is no interrupted campaign: no file `{}`",
                path.display()
            ),
            ErrorKind::Campaign { path, .. } => {
                write!(f, "cannot go on with the campaign in `{}`", path.display())
            }
            ErrorKind::OtherCampaign { said } => write!(f, "the interrupted campaign {said}"),
            ErrorKind::Shard { said } => f.write_str(said),
            ErrorKind::NoProcess { process } => {
                write!(f, "there is no process {process} that you may ask")
            }
            ErrorKind::Answer { process, said } => {
                write!(f, "what process {process} says cannot be read: {said}")
            }
            ErrorKind::Variable { name, text, why } => write!(f, "`{name}={text}`: {why}"),
            ErrorKind::BothEngines { engine } => write!(
                f,
                "the feature `{engine}` of `unsnarl` is on as well, and keeps loom out"
            ),
            ErrorKind::NextestCampaign => f.write_str("campaigns run the tests without nextest"),
            ErrorKind::NoShim { path } => write!(
                f,
                "there is no crate to stand in for `std` at `{}`",
                path.display()
            ),
            ErrorKind::ShimBuild => {
                f.write_str("the crate that stands in for `std` does not build")
            }
            ErrorKind::BuildStd => f.write_str(
                "with `-Z build-std`, nothing can take the place of the standard library",
            ),
            ErrorKind::OldRust { release } => write!(
                f,
                "Rust {release} is too old for crates to be watched as they are"
            ),
            ErrorKind::NoStd { target } => write!(
                f,
                "there is no standard library for the platform `{target}`"
            ),
            ErrorKind::NoWrapper { path } => write!(
                f,
                "the wrapper around the compiler, `{}`, is not there",
                path.display()
            ),
            ErrorKind::NoHost => f.write_str("`rustc` does not say what platform it builds for"),
            ErrorKind::OddPath => f.write_str("a path is not UTF-8"),
            ErrorKind::NoReport { path } => {
                write!(f, "there is no report at `{}` yet", path.display())
            }
            ErrorKind::NotAReport { path, .. } => {
                write!(f, "cannot read the report `{}`", path.display())
            }
            ErrorKind::Read { path, .. } => write!(f, "cannot read `{}`", path.display()),
            ErrorKind::Write { path, .. } => write!(f, "cannot write `{}`", path.display()),
            ErrorKind::Print { .. } => f.write_str("cannot write to standard output"),
            ErrorKind::Start { program, .. } => write!(f, "cannot run `{program}`"),
            ErrorKind::NoRepository => {
                f.write_str("the demo is part of the unsnarl repository, and this is not in it")
            }
            ErrorKind::DemoBuild { package } => write!(f, "`{package}` does not build"),
            ErrorKind::DemoList { said } => {
                write!(
                    f,
                    "`unsnarl-fixtures list` says `{said}`, which is no fixture"
                )
            }
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Read { source, .. }
            | ErrorKind::Write { source, .. }
            | ErrorKind::Print { source }
            | ErrorKind::Start { source, .. } => Some(source),
            ErrorKind::Settings { source, .. }
            | ErrorKind::Baseline { source, .. }
            | ErrorKind::Campaign { source, .. }
            | ErrorKind::NotAReport { source, .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}

/// `a`, `b` and `c`, each in backticks.
pub(crate) fn list(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, ErrorKind, list};

    #[test]
    fn a_list_reads_like_a_sentence() {
        let words = ["a", "b", "c"].map(String::from);
        assert_eq!(list(&words[..1]), "`a`");
        assert_eq!(list(&words), "`a`, `b` and `c`");
    }

    #[test]
    fn a_missing_dependency_names_the_line_that_adds_it() {
        let packages = vec!["bank".to_owned()];
        let error = Error::from(ErrorKind::NoDependency { packages });
        assert!(error.help().unwrap().contains("cargo add -p bank unsnarl"));
    }
}
