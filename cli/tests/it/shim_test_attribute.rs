//! `--shim`: the preludes' `#[test]` is ours, and tests do not notice.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Answer, answer, command, folder, manifest, on, shared};

/// Tests that take locks, and no test that does not.
const TESTS: &[&str] = &[
    "Dressed",
    "boxed",
    "by_example",
    "code",
    "early",
    "eventual",
    "late",
    "late_by_example",
    "of_core",
    "of_std",
    "opaque",
    "panics",
    "panics_too",
    "plain",
    "result",
    "test::in_module",
    "threads",
    "whole",
];

/// A crate with tests of all sorts.
fn tests() -> &'static Path {
    static TESTS: OnceLock<TempDir> = OnceLock::new();
    let folder = TESTS.get_or_init(|| {
        let dependencies = "[dependencies]\ndress = { path = \"dress\" }\n[workspace]";
        let dress = "[lib]\nproc-macro = true";
        let manifest_2024 = manifest("tests", dependencies).replace("2021", "2024");
        shared(
            "tests",
            &[
                ("Cargo.toml", &manifest_2024),
                ("src/lib.rs", ""),
                ("tests/it.rs", include_str!("shim_test_attribute/tests.rs")),
                ("dress/Cargo.toml", &manifest("dress", dress)),
                (
                    "dress/src/lib.rs",
                    include_str!("shim_test_attribute/dress.rs"),
                ),
            ],
        )
    });
    folder.path()
}

/// The names of the tests in which locks were nested, as the merged report has them.
fn tests_in(reports: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(reports.join("latest/report.json")).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    let edges = report["graph"]["edges"].as_array().unwrap();
    let occurrences = edges
        .iter()
        .flat_map(|edge| edge["occurrences"].as_array().unwrap());
    occurrences
        .map(|seen| seen["test"].as_str().unwrap().to_owned())
        .collect()
}

/// Whatever thread they run in: with one thread, that is the main one.
#[test]
fn every_test_runs_in_a_session_of_its_name() {
    for line in ["test --shim all", "test --shim all -- --test-threads=1"] {
        let (answer, reports) = on(tests(), line);
        answer.check(0, &["21 passed; 0 failed; 1 ignored"]);
        answer.check_without(&["not watched", "warning"]);
        let expected: BTreeSet<String> = TESTS.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(tests_in(reports.path()), expected, "{line}");
    }
}

/// What a compiler has to say about, and tests that fail.
const UNTIDY: &str = r#"
#[test]
fn Odd() {
    let unused = std::sync::Mutex::new(1);
}

#[test]
#[expect(unused_mut)]
fn fails() {
    let places = (file!(), line!(), column!(), module_path!());
    panic!("{places:?}");
}

#[test]
#[track_caller]
fn is_called() {
    panic!("{}", std::panic::Location::caller());
}

#[test]
fn returns() -> Result<(), String> {
    Err("it fails".to_owned())
}
"#;

/// What the compiler warned of, and every place that was named.
fn said(answer: &Answer) -> Vec<String> {
    let lines = answer.stdout.lines().chain(answer.stderr.lines());
    let (warnings, others): (Vec<_>, Vec<_>) = lines
        .filter(|line| !line.contains("(lib test)"))
        .partition(|line| line.starts_with("warning:"));
    let words = others.into_iter().flat_map(str::split_whitespace);
    let places = words.filter(|word| word.contains("src/lib.rs"));
    let mut said: Vec<_> = warnings
        .into_iter()
        .chain(places)
        .map(str::to_owned)
        .collect();
    said.sort();
    said
}

#[test]
fn what_is_said_of_tests_is_said_of_the_same_places() {
    let files = [
        ("Cargo.toml", &*manifest("untidy", "[workspace]")),
        ("src/lib.rs", UNTIDY),
    ];
    let folder = folder(&files);
    let with =
        answer(command(folder.path(), "test --shim all").env("UNSNARL_REPORT_DIR", "reports"));
    with.check(
        4,
        &["1 passed; 3 failed", "warning: unused variable: `unused`"],
    );
    let mut plain = Command::new("cargo");
    plain
        .current_dir(folder.path())
        .arg("test")
        .env("CARGO_TERM_COLOR", "never")
        .env_remove("RUST_BACKTRACE");
    let ours = "warning: tests fail, and no finding explains it";
    let mut with = said(&with);
    with.retain(|line| line != ours);
    assert_eq!(with, said(&answer(&mut plain)));
}

/// One test that waits for a word that nobody can say, because it would have to do so itself.
const STARVED: &str = r#"
mod tests {
    #[test]
    fn starves() {
        let (_sender, receiver) = std::sync::mpsc::channel::<u8>();
        let _ = receiver.recv();
    }
}
"#;

#[test]
fn a_hang_bears_the_name_of_its_test_on_one_thread_too() {
    let files = [
        ("Cargo.toml", &*manifest("starved", "[workspace]")),
        ("src/lib.rs", STARVED),
    ];
    let folder = folder(&files);
    for line in ["test --shim all", "test --shim all -- --test-threads=1"] {
        let (answer, _reports) = on(folder.path(), line);
        answer.check(1, &["error[deadlock]", "found in test `tests::starves`"]);
    }
}
