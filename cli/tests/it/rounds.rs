//! Rounds: a campaign runs a test many times in one process, where that is the same as in processes of their own.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::{answer, command, manifest, shared};

/// A crate whose allocator counts in statics.
fn counting() -> &'static Path {
    static COUNTING: OnceLock<TempDir> = OnceLock::new();
    let folder = COUNTING.get_or_init(|| {
        let manifest = manifest("counting", "[workspace]").replace("2021", "2024");
        let tests = include_str!("rounds/tests.rs");
        let files = [
            ("Cargo.toml", &*manifest),
            ("src/lib.rs", ""),
            ("tests/it.rs", tests),
        ];
        shared("counting", &files)
    });
    folder.path()
}

const RUNS: usize = 400;

/// In how many processes a campaign did its runs of this test, in which nothing was found.
fn processes(test: &str) -> usize {
    let reports = tempfile::tempdir().unwrap();
    let noted = reports.path().join("processes");
    let line = format!("stress --shim all --runs {RUNS} --seed 7 -- --exact {test}");
    let mut command = command(counting(), &line);
    command
        .env("UNSNARL_REPORT_DIR", reports.path())
        .env("PROCESSES", &noted);
    answer(&mut command).check(0, &[&format!("1 test, {RUNS} runs")]);
    let noted = fs::read_to_string(noted).unwrap();
    let processes: BTreeSet<&str> = noted.lines().collect();
    processes.len()
}

#[test]
fn an_allocator_that_counts_does_not_cost_a_process_for_each_run() {
    assert!(processes("counted") < RUNS / 4);
}

#[test]
fn a_test_that_looks_at_the_count_fails_in_no_round() {
    assert!(processes("frugal") < RUNS);
}

#[test]
fn a_test_that_changes_a_static_of_its_own_has_a_process_for_each_run() {
    assert_eq!(processes("untidy"), RUNS);
}
