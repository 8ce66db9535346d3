//! Crates to run the command on, and what it answers.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

/// What a command answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    /// Asserts the exit code, and that each of these texts is in the output.
    pub(crate) fn check(&self, code: i32, texts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self}");
        for text in texts {
            assert!(
                self.stdout.contains(text) || self.stderr.contains(text),
                "no `{text}` in\n{self}"
            );
        }
    }

    /// Asserts that none of these texts is in the output.
    pub(crate) fn check_without(&self, texts: &[&str]) {
        for text in texts {
            assert!(
                !self.stdout.contains(text) && !self.stderr.contains(text),
                "`{text}` in\n{self}"
            );
        }
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            code,
            stdout,
            stderr,
        } = self;
        write!(
            f,
            "exit {code:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}"
        )
    }
}

/// `cargo-unsnarl`, called in this folder as cargo would call it, with nothing of this test's own environment.
pub(crate) fn command(dir: &Path, line: &str) -> Command {
    let mut command = clean(env!("CARGO_BIN_EXE_cargo-unsnarl"), dir);
    command.arg("unsnarl").args(line.split_whitespace());
    command
}

/// A program, called in this folder with nothing of this test's own environment.
pub(crate) fn clean(program: &str, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_", "UNSNARL", "NEXTEST", "NO_COLOR", "RUST_"]
            .iter()
            .any(|start| text.starts_with(start))
            && text != "CARGO_HOME"
        {
            command.env_remove(&name);
        }
    }
    command
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TERM_COLOR", "never");
    command
}

/// Runs a command to its end.
pub(crate) fn answer(command: &mut Command) -> Answer {
    let output = command.output().unwrap();
    Answer {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A folder outside the workspace with these files, for one test: what is built of it goes away with it. In one target
/// folder for all, cargo could not tell crates of one name apart, and would go by the times of their files.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(&folder.path().join(path), text);
    }
    folder
}

/// The same for several tests. Nobody removes such a folder, so what is built of it goes to one of this name, which the
/// next run of these tests uses again.
pub(crate) fn shared(name: &str, files: &[(&str, &str)]) -> TempDir {
    let folder = folder(files);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("e2e")
        .join(name);
    let config = format!("[build]\ntarget-dir = {target:?}\n");
    write(&folder.path().join(".cargo/config.toml"), &config);
    folder
}

pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The manifest of a crate, up to what the test adds.
pub(crate) fn manifest(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{rest}\n")
}

/// The dependency on the stub, to be put in a manifest.
pub(crate) fn stub() -> String {
    static STUB: OnceLock<TempDir> = OnceLock::new();
    let stub = STUB.get_or_init(|| {
        let features = "[features]\ncheck = [\"observe\"]\nobserve = []\n[workspace]";
        folder(&[
            ("Cargo.toml", &manifest("unsnarl", features)),
            ("src/lib.rs", include_str!("support/stub.rs")),
        ])
    });
    format!("path = {:?}", stub.path())
}

/// A crate with one test for each thing that can come out of one; each test of these tests selects what it needs.
pub(crate) fn shop() -> &'static Path {
    static SHOP: OnceLock<TempDir> = OnceLock::new();
    SHOP.get_or_init(|| {
        let dependency = format!("[dependencies]\nunsnarl = {{ {} }}\n[workspace]", stub());
        shared(
            "shop",
            &[
                ("Cargo.toml", &manifest("shop", &dependency)),
                ("src/lib.rs", ""),
                ("tests/it.rs", include_str!("support/shop.rs")),
            ],
        )
    })
    .path()
}

/// `cargo unsnarl` on the shop, with a folder of its own for reports.
pub(crate) fn on_shop(line: &str) -> (Answer, TempDir) {
    on(shop(), line)
}

/// `cargo unsnarl` in this folder, with a folder of its own for reports.
pub(crate) fn on(dir: &Path, line: &str) -> (Answer, TempDir) {
    let reports = tempfile::tempdir().unwrap();
    let answer = answer(command(dir, line).env("UNSNARL_REPORT_DIR", reports.path()));
    (answer, reports)
}

/// A report with a finding of this kind and fingerprint.
pub(crate) fn report(slug: &str, fingerprint: &str) -> String {
    format!(
        r#"{{"schema": 1, "version": "0.1.0",
            "processes": [{{"name": "it", "pid": 7, "ended": true, "threads": 2, "locks": 4}}],
            "findings": [{{"slug": "{slug}", "severity": "error", "certainty": "potential", "message": "a ring",
                "labels": [{{"site": {{"file": "src/x.rs", "line": 1, "column": 1}}, "role": "primary", "text": "here"}}],
                "fingerprint": "{fingerprint}", "count": 1}}],
            "graph": {{"classes": [], "edges": [], "innocent": []}}}}"#
    )
}
