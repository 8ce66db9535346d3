//! `--shim tokio`: crates that use tokio and know nothing of `unsnarl`, with watched tasks as they are.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::{manifest, on, shared};

const TOKIO: &str =
    "tokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\", \"sync\", \"time\"] }";

/// A workspace: a courier service; and a bridge, which hands ends of tokio's channels to a depot, which is somebody else's.
fn town() -> &'static Path {
    static TOWN: OnceLock<TempDir> = OnceLock::new();
    let folder = TOWN.get_or_init(|| {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        // The same versions as here, which are there already.
        let lock = fs::read_to_string(workspace.join("Cargo.lock")).unwrap();
        let with_tokio = format!("[dependencies]\n{TOKIO}");
        let bridge = format!("{with_tokio}\ndepot = {{ path = \"../../depot\" }}");
        let depot = format!("{with_tokio}\n[workspace]");
        shared(
            "town",
            &[
                ("town/Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"courier\", \"bridge\"]\n"),
                ("town/Cargo.lock", &lock),
                ("town/courier/Cargo.toml", &manifest("courier", &with_tokio)),
                ("town/courier/src/lib.rs", include_str!("shim_tokio/courier.rs")),
                ("town/courier/tests/it.rs", include_str!("shim_tokio/tests.rs")),
                ("town/bridge/Cargo.toml", &manifest("bridge", &bridge)),
                (
                    "town/bridge/src/lib.rs",
                    "#[tokio::test] async fn cross() {\n\
                     let (end, mut other) = tokio::sync::mpsc::channel(1);\n\
                     depot::store(end).await;\n\
                     let kept = std::sync::Mutex::new(other.recv().await); assert_eq!(*kept.lock().unwrap(), Some(1)); }",
                ),
                ("depot/Cargo.toml", &manifest("depot", &depot)),
                (
                    "depot/src/lib.rs",
                    "pub async fn store(end: tokio::sync::mpsc::Sender<u32>) { end.send(1).await.unwrap() }",
                ),
            ],
        )
    });
    Box::leak(folder.path().join("town").into_boxed_path())
}

#[test]
fn a_task_that_is_left_is_found() {
    let (answer, _reports) = on(
        town(),
        "test --shim tokio --leaks -p courier courier_is_left",
    );
    answer.check(
        1,
        &[
            "error[leaked-task]",
            "calls.recv().await",
            "is started here",
            "again: cargo unsnarl test --shim tokio --leaks -p courier courier_is_left\n",
        ],
    );
    answer.check_without(&["of courier"]);
}

#[test]
fn a_guard_across_an_await_is_found() {
    let (answer, _reports) = on(
        town(),
        "test --shim tokio -p courier log_is_locked_meanwhile",
    );
    answer.check(
        0,
        &[
            "warning[guard-across-await]",
            "let mut log = self.log.lock().unwrap();",
        ],
    );
}

#[test]
fn tasks_lock_in_opposite_orders() {
    let (answer, _reports) = on(town(), "test --shim tokio -p courier both_ways");
    answer.check(
        1,
        &[
            "error[lock-order-cycle]",
            "let mut stamps = self.stamps.lock().await;",
            "let mut parcels = self.parcels.lock().await;",
        ],
    );
}

#[test]
fn tests_without_a_bug_are_silent() {
    let (answer, _reports) = on(town(), "test --shim tokio --leaks -p courier quiet");
    answer.check(0, &["2 passed"]);
    answer.check_without(&["of courier", "warning["]);
}

#[test]
fn a_crate_that_shares_types_of_tokio_with_others_keeps_the_real_one() {
    let (answer, _reports) = on(town(), "test --shim tokio -p bridge");
    answer.check(
        0,
        &[
            "1 passed",
            "tasks are not watched in `bridge` of bridge 0.1.0",
            "mismatched types",
        ],
    );
}
