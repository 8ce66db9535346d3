//! `cargo unsnarl explore`: plain tests under many schedules.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::{answer, command, manifest, on, shared};

/// A crate that knows nothing of us, with one test for each thing that can come out of one.
fn plain() -> &'static Path {
    static PLAIN: OnceLock<TempDir> = OnceLock::new();
    let folder = PLAIN.get_or_init(|| {
        shared(
            "plain",
            &[
                ("Cargo.toml", &manifest("plain", "[workspace]")),
                ("src/lib.rs", include_str!("explore/plain.rs")),
                ("tests/counted.rs", include_str!("explore/counted.rs")),
            ],
        )
    });
    folder.path()
}

#[test]
fn what_some_schedule_shows_is_found_kept_and_shown_again() {
    let (answer, _reports) = on(plain(), "explore hidden");
    answer.check(
        1,
        &[
            "Exploring 5 tests, 1000 schedules each",
            "error[crash]: thread `main` crashes in one of its interleavings: it aborts",
            "error[crash]: thread `1` crashes in one of its interleavings: it uses memory that is not there",
            "error[deadlock]",
            "locks `b` │",
            "error[panic]",
            "error[livelock]",
            "unsnarl: 5 errors in 5 tests, 5 of them explored",
            "plain::hidden_deadlock     found with schedule",
            "plain::hidden_lost_update  found with schedule",
        ],
    );
    // One lock is one, wherever the report speaks of it.
    answer.check_without(&["`b (1)`"]);
    let again = "to see it again: cargo unsnarl ";
    let lines = answer.stdout.lines();
    let again: Vec<&str> = lines
        .filter_map(|line| Some(line.split_once(again)?.1))
        .collect();
    assert_eq!(again.len(), 5, "{answer}");
    for line in again {
        let (answer, _reports) = on(plain(), line);
        answer.check(1, &["1 error in 1 test", "found with schedule 1"]);
    }
    let kept = plain().join("unsnarl-regressions/hidden_deadlock.txt");
    assert_eq!(fs::read_to_string(kept).unwrap().lines().count(), 1);
}

#[test]
fn tests_of_all_sorts_pass_and_say_how_much_was_explored() {
    let (answer, _reports) = on(plain(), "explore right");
    answer.check(
        0,
        &[
            "nothing found in ",
            "counted::right_sizes   all 1 interleaving ",
            "plain::right_alone     all 1 interleaving explored, in ",
            "plain::right_locals    all ",
            "plain::right_locked    all ",
            "plain::right_patience  ",
            "plain::right_panics    all ",
            "plain::right_results   all ",
            "plain::right_statics   all ",
        ],
    );
}

#[test]
fn a_long_test_is_no_endless_one() {
    let (answer, _reports) = on(plain(), "explore --schedules 3 long");
    answer.check(0, &["3 cut off: too many steps"]);
}

#[test]
fn what_cannot_be_explored_is_named_and_run_as_it_is() {
    let (answer, _reports) = on(plain(), "explore --patience 500ms outside");
    answer.check(
        3,
        &[
            "2 tests, 0 of them explored",
            "plain::outside           not explorable, run as it is: one of its threads waits for something outside the run",
            "plain::outside_in_turns  not explorable, run as it is: one of its threads waits for something outside the run",
            "warning: no test could be explored",
        ],
    );
}

#[test]
fn a_process_that_ends_under_the_explorer_alone_is_told() {
    let (answer, _reports) = on(plain(), "explore leaves");
    answer.check(
        3,
        &[
            "warning[unexpected-exit]: the test `leaves` ends its process with exit code 3",
            "it passes as it is",
            "not explorable, run as it is: its process ended with exit code 3",
        ],
    );
}

#[test]
fn a_test_that_always_fails_is_no_finding() {
    let (answer, _reports) = on(plain(), "explore always");
    answer.check(
        4,
        &["`always_fails` fails by itself:", "nothing found in 1 test"],
    );
    answer.check_without(&["error[panic]"]);
}

#[test]
fn a_schedule_that_does_not_fit_shows_nothing() {
    let (answer, _reports) = on(plain(), "explore --replay 1a,1:2=2 right_alone");
    answer.check(
        3,
        &["not shown again: 1 of the 1 decisions", "it may be cured"],
    );
}

/// A crate with tests on executors of one thread: one that parks, and tokio's.
fn asynced() -> &'static Path {
    static ASYNCED: OnceLock<TempDir> = OnceLock::new();
    let folder = ASYNCED.get_or_init(|| {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let features = "features = [\"macros\", \"rt\", \"sync\", \"time\"]";
        let dependencies =
            format!("[dependencies]\ntokio = {{ version = \"1\", {features} }}\n[workspace]");
        // The same versions as here, which are there already.
        let lock = fs::read_to_string(workspace.join("Cargo.lock")).unwrap();
        shared(
            "asynced",
            &[
                ("Cargo.toml", &manifest("asynced", &dependencies)),
                ("Cargo.lock", &lock),
                ("src/lib.rs", include_str!("explore/asynced.rs")),
            ],
        )
    });
    folder.path()
}

#[test]
fn tasks_on_an_executor_of_one_thread_are_explored() {
    let (answer, _reports) = on(asynced(), "explore --schedules 200");
    answer.check(
        1,
        &[
            "error[deadlock]: thread `main` is parked, and nobody is left to end that",
            "error[panic]: thread `main` panics in one of its interleavings",
            "2 errors in 4 tests, 4 of them explored",
            "asynced::hidden_lost_wakeup  found with schedule",
            "asynced::hidden_order        found with schedule",
            "asynced::right_order         200 schedules",
            "asynced::right_wakeup        all 7 interleavings explored",
        ],
    );
}

#[test]
fn how_an_execution_is_to_be_belongs_to_its_replay() {
    let (answer, _reports) = on(
        plain(),
        "explore --max-steps 300 --shard 2/3 hidden_deadlock",
    );
    answer.check(
        1,
        &[
            "error[deadlock]",
            "cargo unsnarl explore --max-steps 300 --replay ",
        ],
    );
}

#[test]
fn what_is_no_strategy_is_refused() {
    let answer = answer(&mut command(plain(), "explore --strategy magic"));
    answer.check(2, &["portfolio"]);
}
