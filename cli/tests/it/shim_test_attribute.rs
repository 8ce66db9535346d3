//! `--shim`: the preludes' `#[test]` is ours, and tests do not notice.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{folder, manifest, on};

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
        folder(&[
            ("Cargo.toml", &manifest_2024),
            ("src/lib.rs", ""),
            ("tests/it.rs", include_str!("shim_test_attribute/tests.rs")),
            ("dress/Cargo.toml", &manifest("dress", dress)),
            (
                "dress/src/lib.rs",
                include_str!("shim_test_attribute/dress.rs"),
            ),
        ])
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
        answer.check(0, &["20 passed; 0 failed; 1 ignored"]);
        answer.check_without(&["not watched", "warning"]);
        let expected: BTreeSet<String> = TESTS.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(tests_in(reports.path()), expected, "{line}");
    }
}
