//! `cargo unsnarl test`: what comes out of a run.

use std::fs;
use std::path::Path;

use crate::support::{answer, command, folder, manifest, on_shop, report, shop, stub, write};

#[test]
fn an_inversion_is_shown_with_both_places_and_kept() {
    let (answer, reports) = on_shop("test inversion");
    answer.check(
        1,
        &[
            "error[lock-order-cycle]: `stock` and `till` are locked in both orders",
            "tests/it.rs:1:1",
            "`stock` is asked for here",
            "`till` is asked for here",
            "again: cargo unsnarl test inversion",
        ],
    );
    let path = reports.path().join("latest/report.json");
    assert!(
        answer
            .stdout
            .contains(&format!("report: {}", path.display())),
        "{answer}"
    );
    assert!(
        fs::read_to_string(path)
            .unwrap()
            .contains("lock-order-cycle-1")
    );
}

#[test]
fn a_clean_run_says_how_much_it_saw() {
    let (answer, _reports) = on_shop("test clean");
    answer.check(0, &["1 process"]);
    answer.check_without(&["again:", "warning", "help"]);
}

#[test]
fn tests_that_fail_by_themselves_are_told_from_findings() {
    let (answer, _reports) = on_shop("test failing");
    answer.check(4, &["by itself", "no finding explains it"]);
}

#[test]
fn a_run_in_which_nothing_is_watched_is_inconclusive() {
    let (answer, _reports) = on_shop("test unwatched");
    answer.check(
        3,
        &[
            "no test used a watched object",
            "`unsnarl::sync` for `std::sync`",
        ],
    );
}

#[test]
fn a_run_without_tests_is_inconclusive() {
    let (answer, _reports) = on_shop("test no_such_test");
    answer.check(3, &["no test ran"]);
}

#[test]
fn a_run_with_the_engines_off_is_inconclusive() {
    let answer = answer(command(shop(), "test unwatched").env("UNSNARL", "off"));
    answer.check(3, &["`UNSNARL=off` is set"]);
}

#[test]
fn a_killed_test_process_is_named_and_keeps_what_it_found() {
    let (answer, _reports) = on_shop("test killed");
    answer.check(
        4,
        &["`it` (", "did not come to its end: killed by a signal"],
    );
}

#[test]
fn a_truncated_report_of_a_process_is_named() {
    let (answer, _reports) = on_shop("test truncated");
    answer.check(
        3,
        &[
            "warning: cannot read the report `",
            "cut off",
            "it is left out",
        ],
    );
}

#[test]
fn the_report_is_one_json_document_for_programs() {
    let (answer, _reports) = on_shop("test --message-format json inversion");
    answer.check(1, &[]);
    let report: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(report["findings"][0]["slug"], "lock-order-cycle");
}

#[test]
fn quiet_leaves_only_results() {
    let (answer, _reports) = on_shop("test -q inversion");
    answer.check(1, &["error[lock-order-cycle]"]);
    assert_eq!(answer.stderr, "");
}

#[test]
fn colour_is_asked_for_or_not() {
    let (plain, _reports) = on_shop("test inversion");
    assert!(!plain.stdout.contains("\x1b["), "{plain}");
    let (styled, _reports) = on_shop("--color always test inversion");
    assert!(styled.stdout.contains("\x1b["), "{styled}");
}

#[test]
fn what_to_do_on_a_finding_is_said_by_flag_then_variable_then_file() {
    let dependency = format!("[dependencies]\nunsnarl = {{ {} }}\n[workspace]", stub());
    let crate_dir = folder(&[
        ("Cargo.toml", &manifest("shop", &dependency)),
        ("src/lib.rs", ""),
        ("tests/it.rs", include_str!("support/shop.rs")),
    ]);
    let run = |line: &str, variable: Option<&str>| {
        let mut command = command(crate_dir.path(), line);
        command.envs(variable.map(|value| ("UNSNARL_ON_FINDING", value)));
        answer(&mut command)
    };
    run("test on_finding", None).check(4, &["on a finding: record"]);
    write(
        &crate_dir.path().join(".config/unsnarl.toml"),
        "on-finding = \"exit\"",
    );
    run("test on_finding", None).check(4, &["on a finding: exit"]);
    run("test on_finding", Some("panic")).check(4, &["on a finding: panic"]);
    run("test on_finding --on-finding abort", Some("panic")).check(4, &["on a finding: abort"]);
    write(
        &crate_dir.path().join(".config/unsnarl.toml"),
        "on-findings = 1",
    );
    run("test on_finding", None).check(2, &["cannot read the settings in", "on-findings"]);
}

#[test]
fn findings_are_shown_even_where_nothing_can_be_written() {
    let folder = folder(&[("file", "")]);
    let blocked = folder.path().join("file/unsnarl");
    let answer = answer(command(shop(), "test inversion").env("UNSNARL_REPORT_DIR", &blocked));
    answer.check(
        1,
        &[
            "error[lock-order-cycle]",
            "cannot write `",
            "free some space",
        ],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn findings_are_kept_even_where_nothing_can_be_printed() {
    let reports = tempfile::tempdir().unwrap();
    let full = fs::File::create("/dev/full").unwrap();
    let mut command = command(shop(), "test -q --message-format json inversion");
    command
        .env("UNSNARL_REPORT_DIR", reports.path())
        .stdout(full);
    let status = command
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(70));
    assert!(reports.path().join("latest/report.json").is_file());
}

#[test]
fn a_crate_that_does_not_build_is_said_so() {
    let dependency = format!("[dependencies]\nunsnarl = {{ {} }}\n[workspace]", stub());
    let manifest = manifest("broken", &dependency);
    let crate_dir = folder(&[
        ("Cargo.toml", &manifest),
        ("src/lib.rs", "fn f() { 1u8.nope() }"),
    ]);
    let answer = answer(&mut command(crate_dir.path(), "test"));
    answer.check(4, &["no method named `nope`", "the tests do not build"]);
}

#[test]
fn nextest_runs_the_tests_where_it_is_there() {
    if !has_nextest() {
        return;
    }
    let (answer, reports) = on_shop("test --runner nextest -E test(=inversion)|test(=clean)");
    answer.check(1, &["error[lock-order-cycle]", "2 processes"]);
    assert!(reports.path().join("latest/report.json").is_file());
    on_shop("test --runner nextest failing").0.check(4, &[]);
    on_shop("test -q --runner nextest clean").0.check(0, &[]);
    on_shop("test --runner nextest no_such_test")
        .0
        .check(3, &["no test ran"]);
}

#[test]
fn a_missing_nextest_is_said_so() {
    let path = std::env::var_os("PATH").unwrap();
    let without: Vec<_> = std::env::split_paths(&path)
        .filter(|folder| !folder.join("cargo-nextest").exists())
        .collect();
    let path = std::env::join_paths(without).unwrap();
    let mut command = command(shop(), "test --runner nextest");
    let answer = answer(command.env("PATH", path).env("CARGO", env!("CARGO")));
    answer.check(
        2,
        &[
            "cargo-nextest is not installed",
            "cargo install cargo-nextest",
        ],
    );
}

#[test]
fn a_report_can_be_shown_again_from_its_folder() {
    let (answer, reports) = on_shop("test inversion");
    answer.check(1, &[]);
    let runs = fs::read_dir(reports.path().join("runs")).unwrap();
    let run = runs.flatten().next().unwrap().path();
    write(&run.join("other-1.json"), &report("deadlock", "deadlock-1"));
    let line = format!("report {}", run.display());
    crate::support::answer(&mut command(Path::new("."), &line))
        .check(1, &["lock-order-cycle", "error[deadlock]"]);
}

pub(crate) fn has_nextest() -> bool {
    let version = std::process::Command::new("cargo")
        .args(["nextest", "--version"])
        .output();
    version.is_ok_and(|output| output.status.success())
}
