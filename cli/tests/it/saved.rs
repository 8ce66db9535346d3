//! Reports that are already there: showing, merging, and what is wrong with them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::{Answer, answer, command, folder, report};

fn check(files: &[(&str, &str)], line: &str, code: i32, texts: &[&str]) -> Answer {
    let folder = folder(files);
    let answer = answer(&mut command(folder.path(), line));
    answer.check(code, texts);
    answer
}

#[test]
fn a_report_is_shown_again() {
    let report = report("deadlock", "1");
    check(
        &[("a.json", &report)],
        "report a.json",
        1,
        &["error[deadlock]: a ring", "src/x.rs:1:1"],
    );
    let json = check(
        &[("a.json", &report)],
        "report --format json a.json",
        1,
        &[],
    );
    assert!(serde_json::from_str::<serde_json::Value>(&json.stdout).is_ok());
}

#[test]
fn a_file_that_is_no_whole_report_is_named() {
    for text in ["", "{\"schema\": 1, \"ver", "[1, 2]", "hello"] {
        check(
            &[("a.json", text)],
            "report a.json",
            2,
            &["error: cannot read the report `a.json`", "help: "],
        );
    }
    check(&[], "report a.json", 2, &["cannot read `a.json`"]);
}

#[test]
fn a_report_of_a_newer_version_is_said_so() {
    let newer = report("deadlock", "1").replace("\"schema\": 1", "\"schema\": 999");
    check(
        &[("a.json", &newer)],
        "report a.json",
        2,
        &["a.json", "999", "update cargo-unsnarl"],
    );
}

#[test]
fn reports_merge_by_fingerprint() {
    let (one, two) = (report("deadlock", "1"), report("self-deadlock", "2"));
    let folder = folder(&[("a.json", &one), ("b.json", &two)]);
    let run = |line: &str| answer(&mut command(folder.path(), line));
    run("report merge a.json b.json a.json -o all.json").check(0, &[]);
    let text = fs::read_to_string(folder.path().join("all.json")).unwrap();
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(all["findings"].as_array().unwrap().len(), 2);
    assert_eq!(all["findings"][0]["count"], 2);
    let printed = run("report merge a.json b.json a.json");
    assert_eq!(printed.stdout, text);
}

#[test]
fn what_can_be_read_is_merged_though_another_file_is_cut_off() {
    let good = report("deadlock", "1");
    let files = [
        ("a.json", good.as_str()),
        ("b.json", "{\"schema\": 1, \"ver"),
    ];
    let answer = check(
        &files,
        "report merge a.json b.json",
        3,
        &["`b.json`", "left out"],
    );
    assert!(answer.stdout.contains("\"deadlock\""), "{}", answer.stdout);
}

#[test]
fn the_graph_is_drawn_in_every_format() {
    let report = report("deadlock", "1");
    check(
        &[("a.json", &report)],
        "graph --report a.json --format dot",
        0,
        &["digraph"],
    );
    check(
        &[("a.json", &report)],
        "graph --report a.json --format svg",
        0,
        &["<svg"],
    );
    check(&[("a.json", &report)], "graph --report a.json", 0, &[]);
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let report = report("deadlock", "1");
    check(
        &[("a.json", &report)],
        "graph --report a.json -o no/such/folder",
        70,
        &["cannot write `no/such/folder`"],
    );
}

#[test]
fn a_report_of_a_hundred_thousand_edges_is_fast() {
    let folder = folder(&[("a.json", &large(1000, 100_000))]);
    let start = Instant::now();
    let run = |line: &str| answer(&mut command(folder.path(), line)).check(0, &[]);
    run("report a.json");
    run("report merge a.json a.json -o b.json");
    run("graph --report a.json");
    run("graph --report a.json --format dot");
    // A second or two each where nothing else runs; anything quadratic takes hours.
    let took = start.elapsed();
    assert!(took < Duration::from_secs(180), "{took:?}");
}

#[test]
fn without_a_last_run_it_says_how_to_make_one() {
    let manifest = crate::support::manifest("empty", "[workspace]");
    let folder = folder(&[("Cargo.toml", &manifest), ("src/lib.rs", "")]);
    let elsewhere = folder.path().join("target");
    let run = |line: &str| answer(command(folder.path(), line).env("CARGO_TARGET_DIR", &elsewhere));
    run("report").check(2, &["there is no report at", "cargo unsnarl test"]);
    run("graph").check(2, &["there is no report at"]);
    answer(&mut command(Path::new("/"), "report")).check(2, &["could not find `Cargo.toml`"]);
}

/// A report with an acyclic graph of this size.
fn large(classes: usize, edges: usize) -> String {
    let site = |line: usize| format!(r#"{{"file": "src/x.rs", "line": {line}, "column": 1}}"#);
    let class = |n: usize| format!(r#"{{"kind": "Mutex", "created": {}}}"#, site(n + 1));
    let edge = |n: usize| {
        let from = n % (classes - 1);
        let to = from + 1 + (n / (classes - 1)) % (classes - 1 - from);
        format!(
            r#"{{"from": {from}, "to": {to}, "count": 1, "occurrences": [{{"held": {}, "acquired": {}, "thread": "t", "test": "t", "process": "it"}}]}}"#,
            site(from),
            site(n)
        )
    };
    let mut text =
        String::from(r#"{"schema": 1, "version": "0.1.0", "findings": [], "graph": {"classes": ["#);
    let _ = write!(
        text,
        "{}",
        (0..classes).map(class).collect::<Vec<_>>().join(",")
    );
    let _ = write!(
        text,
        "], \"edges\": [{}]}}}}",
        (0..edges).map(edge).collect::<Vec<_>>().join(",")
    );
    text
}
