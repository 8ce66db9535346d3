//! This program as cargo's `RUSTC_WRAPPER`: it gives crates ours in the place of `std` and `core`.
//!
//! A crate that does not build so is built as if we were not there, and noted. To take the compiler's errors back, they
//! are held until it has written what cargo waits for; after that no error is about names and types.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use clap::CommandFactory;

use crate::args::Args;
use crate::shim::note::Note;
use crate::shim::plan::{self, Plan};

/// Ours, that watch: locks of theirs would watch themselves.
const WATCHERS: [&str; 6] = [
    "unsnarl-core",
    "unsnarl-lockgraph",
    "unsnarl-model",
    "unsnarl-render",
    "unsnarl-std",
    "unsnarl-stress",
];
const FAILED: u8 = 101;

/// Calls the compiler, if cargo called this program for that.
pub(crate) fn run() -> Option<ExitCode> {
    env::var_os(plan::VARIABLE)?;
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    if !words.first().is_some_and(is_program) {
        return None;
    }
    let call = Call::new(words);
    let status = match Plan::from_environment() {
        Some(plan) => call.run_with(&plan),
        None => call.plain(None).status(),
    };
    Some(match status.as_ref().map(ExitStatus::code) {
        Ok(Some(code)) => ExitCode::from(u8::try_from(code).unwrap_or(FAILED)),
        Ok(None) => failed(&format!("the compiler was killed: {status:?}")),
        Err(error) => failed(&format!("cannot run the compiler: {error}")),
    })
}

fn failed(message: &str) -> ExitCode {
    say(message);
    ExitCode::from(FAILED)
}

/// A failing stderr leaves nobody to tell.
fn say(message: &str) {
    let _ = writeln!(io::stderr(), "cargo-unsnarl: {message}");
}

/// Whether the first word is a program to call, and not something that this one is asked to do itself.
fn is_program(word: &OsString) -> bool {
    let text = word.to_string_lossy();
    let is_ours = text == "unsnarl" || Args::command().find_subcommand(&*text).is_some();
    !text.starts_with('-') && !is_ours
}

/// A call of the compiler, and of which package it is.
#[derive(Debug)]
struct Call {
    words: Vec<OsString>,
    package: String,
    version: String,
    folder: PathBuf,
}

impl Call {
    fn new(words: Vec<OsString>) -> Self {
        Self {
            words,
            package: env::var("CARGO_PKG_NAME").unwrap_or_default(),
            version: env::var("CARGO_PKG_VERSION").unwrap_or_default(),
            folder: env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from),
        }
    }

    fn run_with(&self, plan: &Plan) -> io::Result<ExitStatus> {
        if !self.is_covered(plan) {
            return self.linking(plan).status();
        }
        let attempt = Attempt::make(self.linking(plan).args(plan.replacing()))?;
        if attempt.status.success() || attempt.is_settled {
            Note::remove(&plan.notes, &self.key());
            io::stderr().write_all(&attempt.held)?;
            return Ok(attempt.status);
        }
        let status = self.linking(plan).status()?;
        if status.success() {
            let note = self.note(first_error(&attempt.held));
            if let Err(error) = note.write(&plan.notes, &self.key()) {
                say(&format!(
                    "cannot note that `{}` is not watched: {error}",
                    note.name
                ));
            }
        }
        Ok(status)
    }

    /// Whether the crate gets our crates in the place of the standard library's.
    fn is_covered(&self, plan: &Plan) -> bool {
        let is_watcher = WATCHERS.contains(&self.package.as_str())
            || (self.package == "unsnarl" && self.has_observe());
        self.builds_for(&plan.target) && !is_watcher && plan.has_package(&self.folder)
    }

    /// Whether the crate is `unsnarl`, switched on by hand.
    fn has_observe(&self) -> bool {
        self.words.iter().any(|word| word == "feature=\"observe\"")
    }

    /// Whether cargo builds a crate of the program with this call, and does not only ask the compiler something.
    fn builds_for(&self, target: &str) -> bool {
        let is_cargos = self
            .words
            .iter()
            .any(|word| word.to_string_lossy().starts_with("--error-format"));
        let is_read = self.words.iter().any(|word| word == "-");
        is_cargos && !is_read && self.value("--target") == Some(OsStr::new(target))
    }

    fn plain(&self, next: Option<&Path>) -> Command {
        let mut words = next
            .map(Path::as_os_str)
            .into_iter()
            .chain(self.words.iter().map(OsString::as_os_str));
        let mut command = Command::new(words.next().expect("a call has a first word"));
        command.args(words);
        command
    }

    /// Without our crates in the place of the standard library's; but what it is linked to may have them.
    fn linking(&self, plan: &Plan) -> Command {
        let mut command = self.plain(plan.next.as_deref());
        if self.builds_for(&plan.target) {
            command.args(plan.linking());
        }
        command
    }

    fn note(&self, reason: String) -> Note {
        Note {
            package: self.package.clone(),
            version: self.version.clone(),
            name: self.crate_name(),
            reason,
        }
    }

    fn crate_name(&self) -> String {
        let name = self.value("--crate-name").unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// What tells this crate from others, among them the same one with other features.
    fn key(&self) -> String {
        let suffix = self.words.iter().find_map(|word| {
            let text = word.to_string_lossy();
            text.strip_prefix("extra-filename=").map(str::to_owned)
        });
        self.crate_name() + &suffix.unwrap_or_default()
    }

    /// What follows this flag.
    fn value(&self, flag: &str) -> Option<&OsStr> {
        let at = self.words.iter().position(|word| word == flag)?;
        self.words.get(at + 1).map(OsString::as_os_str)
    }
}

/// A call of the compiler whose errors can be taken back.
#[derive(Debug)]
struct Attempt {
    status: ExitStatus,
    /// What it said and nobody has heard yet.
    held: Vec<u8>,
    /// Whether cargo was told that the crate can be used.
    is_settled: bool,
}

impl Attempt {
    fn make(command: &mut Command) -> io::Result<Self> {
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        let stderr = child.stderr.take().expect("stderr was asked to be a pipe");
        let mut lines = BufReader::new(stderr);
        let (mut held, mut is_settled) = (Vec::new(), false);
        loop {
            let start = held.len();
            if lines.read_until(b'\n', &mut held)? == 0 {
                break;
            }
            is_settled |= is_usable(&held[start..]);
            if is_settled {
                io::stderr().write_all(&held)?;
                held.clear();
            }
        }
        Ok(Self {
            status: child.wait()?,
            held,
            is_settled,
        })
    }
}

/// Whether the compiler says here that it has written the crate, or what others need to know of it.
fn is_usable(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    line.contains(r#""$message_type":"artifact""#)
        && (line.contains(r#""emit":"metadata""#) || line.contains(r#""emit":"link""#))
}

/// The first error among the compiler's messages, in one line.
fn first_error(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    let messages = said
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut errors = messages.filter(|message| message["level"] == "error");
    let text = errors.find_map(|error| error["message"].as_str().map(str::to_owned));
    let text = text.unwrap_or_else(|| "the compiler does not say why".to_owned());
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Call, first_error, is_program, is_usable};
    use crate::shim::plan::Plan;

    fn plan(packages: Option<&str>) -> Plan {
        Plan {
            stand_ins: [("std".into(), "std.rlib".into())].into(),
            dependencies: vec!["deps".into()],
            target: "host".into(),
            packages: packages.map(|folder| [PathBuf::from(folder)].into()),
            next: None,
            notes: "notes".into(),
        }
    }

    fn call(package: &str, line: &str) -> Call {
        Call {
            words: line.split(' ').map(Into::into).collect(),
            package: package.into(),
            version: "1.0.0".into(),
            folder: "/a".into(),
        }
    }

    const BUILD: &str = "rustc --crate-name a a.rs --error-format=json -C extra-filename=-1";

    #[test]
    fn only_crates_built_for_the_platform_are_covered() {
        let line = format!("{BUILD} --target host");
        assert!(call("a", &line).is_covered(&plan(None)));
        for line in [
            BUILD,
            &format!("{BUILD} --target other"),
            "rustc - --crate-name ___ --target host",
            &format!("{line} -"),
        ] {
            assert!(!call("a", line).is_covered(&plan(None)), "{line}");
        }
    }

    #[test]
    fn packages_outside_the_list_are_not_covered() {
        let line = format!("{BUILD} --target host");
        assert!(call("a", &line).is_covered(&plan(Some("/a"))));
        assert!(!call("a", &line).is_covered(&plan(Some("/b"))));
    }

    #[test]
    fn what_watches_is_not_watched() {
        let line = format!("{BUILD} --target host");
        assert!(!call("unsnarl-model", &line).is_covered(&plan(None)));
        assert!(call("unsnarl", &line).is_covered(&plan(None)));
        let on = format!("{line} --cfg feature=\"observe\"");
        assert!(!call("unsnarl", &on).is_covered(&plan(None)));
    }

    #[test]
    fn a_crate_is_told_from_the_same_one_with_other_features() {
        assert_eq!(call("a", BUILD).key(), "a-1");
    }

    #[test]
    fn cargos_own_calls_are_told_from_the_users() {
        for word in ["rustc", "/x/bin/rustc", "clippy-driver"] {
            assert!(is_program(&word.into()), "{word}");
        }
        for word in ["unsnarl", "test", "--version"] {
            assert!(!is_program(&word.into()), "{word}");
        }
    }

    #[test]
    fn errors_are_taken_back_until_the_crate_can_be_used() {
        let artifact = |emit| format!(r#"{{"$message_type":"artifact","emit":"{emit}"}}"#);
        assert!(is_usable(artifact("metadata").as_bytes()));
        assert!(!is_usable(artifact("dep-info").as_bytes()));
        assert!(!is_usable(br#"{"message":"\"emit\":\"link\""}"#));
    }

    #[test]
    fn the_first_error_is_the_reason() {
        let said = "{\"level\":\"warning\",\"message\":\"w\"}\n{\"level\":\"error\",\"message\":\"e\\nmore\"}\n";
        assert_eq!(first_error(said.as_bytes()), "e");
        assert!(first_error(b"boom").contains("does not say"));
    }
}
