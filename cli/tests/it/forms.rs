//! Other forms of the result, and findings that the project accepts.

use std::fs;

use crate::support::{answer, command, folder, manifest, on_shop, report, shop, stub};

#[test]
fn a_run_writes_the_forms_it_is_asked_for() {
    let (answer, reports) = on_shop("test inversion --format junit --format sarif");
    answer.check(1, &["error[lock-order-cycle]"]);
    let read = |name: &str| fs::read_to_string(reports.path().join("latest").join(name)).unwrap();
    assert!(read("report.xml").contains("type=\"lock-order-cycle\""));
    assert!(read("report.sarif").contains("\"ruleId\": \"lock-order-cycle\""));
}

#[test]
fn a_form_may_go_to_a_file_of_the_users() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("summary.md");
    let line = format!("test inversion --format markdown={}", file.display());
    on_shop(&line).0.check(1, &[]);
    assert!(
        fs::read_to_string(file)
            .unwrap()
            .starts_with("## unsnarl\n")
    );
}

#[test]
fn on_github_there_are_annotations_and_a_summary_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("summary");
    fs::write(&summary, "before\n").unwrap();
    let mut command = command(shop(), "test inversion");
    command
        .env("UNSNARL_REPORT_DIR", folder.path())
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", &summary);
    answer(&mut command).check(1, &["::error file=tests/it.rs,line=1,col=1,"]);
    let text = fs::read_to_string(summary).unwrap();
    assert!(text.starts_with("before\n## unsnarl\n"), "{text}");
}

#[test]
fn an_unknown_form_is_refused() {
    on_shop("test --format xml").0.check(2, &["junit", "sarif"]);
}

#[test]
fn a_report_is_shown_in_every_form() {
    let report = report("deadlock", "1");
    let folder = folder(&[("a.json", &report)]);
    for (line, start) in [
        ("report a.json --format junit", "<?xml"),
        ("report a.json --format sarif", "{"),
        ("report a.json --format github", "::error "),
        ("report a.json --format markdown", "## unsnarl"),
        ("report a.json --message-format json", "{\n  \"schema\""),
        ("report a.json --message-format human", "error[deadlock]"),
    ] {
        let answer = answer(&mut command(folder.path(), line));
        answer.check(1, &[]);
        assert!(answer.stdout.starts_with(start), "{line}: {answer}");
    }
}

/// A crate whose baseline accepts the inversion of its test, and something that is not there.
#[test]
fn what_the_baseline_accepts_fails_no_run_and_what_is_stale_is_named() {
    let dependency = format!("[dependencies]\nunsnarl = {{ {} }}\n[workspace]", stub());
    let test = include_str!("support/shop.rs");
    let only = test.split("#[test]\nfn clean").next().unwrap();
    let folder = folder(&[
        ("Cargo.toml", &manifest("accepting", &dependency)),
        ("src/lib.rs", ""),
        ("tests/it.rs", only),
        (
            ".config/unsnarl-baseline.toml",
            "[[accept]]\nfingerprint = \"lock-order-cycle-1\"\nreason = \"never at the same time\"\n\
             [[accept]]\nfingerprint = \"deadlock-9\"\nreason = \"cured long ago\"\n",
        ),
    ]);
    let reports = tempfile::tempdir().unwrap();
    let run = |line| answer(command(folder.path(), line).env("UNSNARL_REPORT_DIR", reports.path()));
    run("test").check(
        0,
        &["1 accepted", "accepts `deadlock-9`, which was not found"],
    );
    run("report --format sarif").check(0, &["never at the same time"]);
    // A part of the tests says nothing about the rest of the baseline.
    run("test inversion").check_without(&["deadlock-9"]);
}
