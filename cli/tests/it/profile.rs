//! `cargo unsnarl profile`: the whole way with the real `unsnarl`, in the place of `std` and by hand.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::{manifest, on, on_shop, shared};

const READERS: &str = include_str!("profile/main.rs");

/// A program that knows nothing of `unsnarl`.
fn readers() -> &'static Path {
    static READER: OnceLock<TempDir> = OnceLock::new();
    let folder = READER.get_or_init(|| {
        let files = [
            ("Cargo.toml", &*manifest("readers", "[workspace]")),
            ("src/main.rs", READERS),
        ];
        shared("readers", &files)
    });
    folder.path()
}

/// The same, written for `unsnarl`.
fn readers_by_hand() -> &'static Path {
    static READER: OnceLock<TempDir> = OnceLock::new();
    let folder = READER.get_or_init(|| {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let unsnarl = workspace.join("unsnarl");
        let dependency = format!("[dependencies]\nunsnarl = {{ path = {unsnarl:?} }}\n[workspace]");
        let lock = fs::read_to_string(workspace.join("Cargo.lock")).unwrap();
        let by_hand = READERS.replace("use std::", "use unsnarl::");
        let files = [
            ("Cargo.toml", &*manifest("readers-by-hand", &dependency)),
            // The same versions as here, which are there already.
            ("Cargo.lock", &lock),
            ("src/main.rs", &by_hand),
        ];
        shared("readers-by-hand", &files)
    });
    folder.path()
}

/// The tables, and the one thing that is past its limit: a warning, which fails no run.
const TOLD: &[&str] = &[
    "warning[long-hold]: `pages` is held while its owner sleeps, and others wait for it",
    "thread::sleep(Duration::from_millis(2));",
    "locks, the most waited for first\n",
    "  pages  src/main.rs:14:45",
    "blocked, the longest first\n",
    "threads and tasks over time\n",
    "threads and tasks by place\n",
    "channels, the deepest first\n",
    "unsnarl: 1 warning in 1 process",
];

#[test]
fn tests_of_any_crate_are_measured() {
    let (answer, reports) = on(readers(), "profile");
    answer.check(0, &["test result: ok. 1 passed"]);
    answer.check(0, TOLD);
    let report = fs::read_to_string(reports.path().join("latest/report.json")).unwrap();
    let report = render::json::from_str(&report).unwrap();
    let profile = report.profile.unwrap();
    assert_eq!((profile.queues[0].put, profile.queues[0].taken), (4, 4));
    assert!(profile.locks[0].hold.sum >= 19 * 2_000_000);
}

#[test]
fn a_program_is_measured_and_may_end_as_it_likes() {
    on(readers(), "profile run --bin readers").0.check(0, TOLD);
    let (answer, _reports) = on(readers(), "profile run -- fail");
    answer.check(4, TOLD);
    answer.check(
        4,
        &["warning: the program fails, and no finding explains it"],
    );
}

#[test]
fn what_is_written_for_unsnarl_is_measured_too() {
    let (answer, _reports) = on(
        readers_by_hand(),
        "profile test --format markdown=profile.md",
    );
    answer.check(0, TOLD);
    let page = fs::read_to_string(readers_by_hand().join("profile.md")).unwrap();
    assert!(
        page.contains("| `pages` | `src/main.rs:14:45` | "),
        "{page}"
    );
}

#[test]
fn limits_decide_what_is_told() {
    let (answer, _reports) = on(readers(), "profile --limits hold=60000000");
    answer.check(0, &["unsnarl: nothing found in 1 process", "hold p50"]);
    let (answer, _reports) = on(readers(), "profile --limits depth=1");
    answer.check(2, &["`depth=1` is no limit", "`queue`"]);
}

#[test]
fn without_being_asked_nothing_is_measured() {
    let (answer, _reports) = on(readers(), "test");
    answer.check(0, &["unsnarl: nothing found in 1 process"]);
    answer.check_without(&["hold p50"]);
}

#[test]
fn no_tests_are_said_to_be_none() {
    let (answer, _reports) = on_shop("profile no_such_test");
    answer.check(3, &["no test ran"]);
}
