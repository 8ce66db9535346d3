//! `cargo unsnarl test --engine loom`, on crates outside the workspace.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::{answer, command, manifest, on, shared};

/// A crate that depends on the real `unsnarl` with these features, and on what that is built from in our versions.
fn crate_of(name: &str, features: &str, files: &[(&str, &str)]) -> TempDir {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let dependency = format!(
        "[dependencies]\nunsnarl = {{ path = {:?}, features = [{features}] }}\n[workspace]",
        workspace.join("unsnarl")
    );
    let lock = fs::read_to_string(workspace.join("Cargo.lock")).unwrap();
    let manifest = manifest(name, &dependency);
    let files: Vec<_> = [("Cargo.toml", &*manifest), ("Cargo.lock", &*lock)]
        .into_iter()
        .chain(files.iter().copied())
        .collect();
    shared(name, &files)
}

fn models() -> &'static Path {
    static MODELS: OnceLock<TempDir> = OnceLock::new();
    let models = MODELS.get_or_init(|| {
        let tests = include_str!("loom/models.rs");
        let files = [("src/lib.rs", ""), ("tests/it.rs", tests)];
        crate_of("models", "\"macros\"", &files)
    });
    models.path()
}

#[test]
fn every_wrong_program_is_found() {
    let (answer, reports) = on(models(), "test --engine loom buggy");
    answer.check(
        1,
        &[
            "Exploring 6 tests with loom, at most 60 s each",
            "error[data-race]: two threads access the same memory",
            "thread `#1` writes it here",
            "thread `main` reads it here",
            "error[deadlock]: 2 threads wait for each other for ever",
            "thread `teller` waits here",
            "error[deadlock]: thread `main` waits, and nobody is left",
            "error[panic]",
            "an update is lost",
            "both enter",
            "error[leaked-value]: an `Arc` is left",
            "unsnarl: 6 errors in 6 tests, 6 of them explored",
            "to see it again: cargo unsnarl test --engine loom buggy -- --exact locks_buggy",
        ],
    );
    let report = fs::read_to_string(reports.path().join("latest/report.json")).unwrap();
    for slug in ["data-race", "deadlock", "panic", "leaked-value"] {
        assert!(
            report.contains(&format!("\"slug\": \"{slug}\"")),
            "{report}"
        );
    }
}

#[test]
fn a_finding_is_shown_again() {
    let line = "test --engine loom -- --exact locks_buggy";
    on(models(), line)
        .0
        .check(1, &["1 error in 1 test", "found with schedule"]);
}

#[test]
fn every_cured_twin_is_exhausted() {
    let (answer, _reports) = on(models(), "test --engine loom fixed --message-format json");
    answer.check(0, &["\"exhausted\": true"]);
    assert_eq!(
        answer.stdout.matches("\"exhausted\": true").count(),
        6,
        "{answer}"
    );
    answer.check_without(&["\"slug\"", "\"exhausted\": false"]);
}

#[test]
fn limits_are_kept() {
    let (answer, _reports) = on(models(), "test --engine loom --schedules 3 dekker_fixed");
    answer.check(0, &["it::dekker_fixed  3 schedules"]);
    answer.check_without(&["all 3", "all 4"]);
}

#[test]
fn what_loom_cannot_take_is_said() {
    let (answer, _reports) = on(models(), "test --engine loom --time 1s odd");
    answer.check(
        3,
        &[
            "it::odd_six_threads    not explored: it starts more than 4 threads",
            "it::odd_loop           not explored: one of its executions has more steps",
            "it::odd_endless        not explored: its process did not come to its end in time",
            "it::odd_deep           not explored: a thread needs more stack",
            "it::odd_without_check  not explored: it uses a lock, an atomic or a thread outside of `unsnarl::check`",
            "it::odd_alone          not explored: nothing in it calls `unsnarl::check`",
            "loom has explored no test",
        ],
    );
}

#[test]
fn a_destructor_that_panics_ends_its_process_only() {
    let (answer, _reports) = on(models(), "test --engine loom bad_destructor");
    answer.check(
        1,
        &[
            "in one of the test's interleavings: the first",
            "a destructor panics while its thread unwinds from this",
        ],
    );
}

#[test]
fn tests_that_return_or_panic_as_they_should_pass() {
    let (answer, _reports) = on(models(), "test --engine loom good");
    answer.check(
        0,
        &["it::good_panic", "it::good_result", "all 1 interleaving"],
    );
}

#[test]
fn a_test_that_fails_by_itself_is_told_from_findings() {
    let (answer, _reports) = on(models(), "test --engine loom by_itself");
    answer.check(4, &["`by_itself` fails by itself", "whatever runs it"]);
}

#[test]
fn a_static_does_not_build_and_the_reason_is_said() {
    let text = "static LOCK: unsnarl::sync::Mutex<u8> = unsnarl::sync::Mutex::new(0);\n\
                #[test] fn locks() { unsnarl::check(|| drop(LOCK.lock())); }\n";
    let folder = crate_of("models-static", "", &[("src/lib.rs", text)]);
    let (answer, _reports) = on(folder.path(), "test --engine loom");
    answer.check(
        4,
        &[
            "the tests do not build",
            "loom makes its objects anew in each execution, so none can be in a `static`",
        ],
    );
}

#[test]
fn an_engine_that_is_on_anyway_keeps_loom_out() {
    let files = [("src/lib.rs", "#[test] fn locks() {}\n")];
    let folder = crate_of("models-watched", "\"check\"", &files);
    let (answer, _reports) = on(folder.path(), "test --engine loom");
    answer.check(
        2,
        &["the feature `check` of `unsnarl` is on as well, and keeps loom out"],
    );
}

#[test]
fn a_crate_without_unsnarl_is_told_to_use_it() {
    let manifest = manifest("stranger", "[workspace]");
    let files = [("Cargo.toml", &*manifest), ("src/lib.rs", "")];
    let folder = shared("models-stranger", &files);
    let (answer, _reports) = on(folder.path(), "test --engine loom");
    answer.check(2, &["nothing in `stranger` depends on `unsnarl`"]);
}

#[test]
fn its_flags_are_only_for_it() {
    let answer = answer(&mut command(models(), "test --schedules 3"));
    answer.check(2, &["--engine <ENGINE>"]);
}
