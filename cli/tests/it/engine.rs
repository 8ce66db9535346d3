//! The whole way with the real `unsnarl`, on a crate outside the workspace.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::{manifest, on, shared};

/// A market whose `sell` and `take_back` lock in opposite orders; its tests never let them meet.
fn market() -> &'static Path {
    static MARKET: OnceLock<TempDir> = OnceLock::new();
    MARKET
        .get_or_init(|| {
            let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
            let dependency = format!(
                "[dependencies]\nunsnarl = {{ path = {:?} }}\n[workspace]",
                workspace.join("unsnarl")
            );
            let lock = fs::read_to_string(workspace.join("Cargo.lock")).unwrap();
            shared(
                "real-market",
                &[
                    ("Cargo.toml", &manifest("market", &dependency)),
                    // The same versions as here, which are there already.
                    ("Cargo.lock", &lock),
                    ("src/lib.rs", include_str!("engine/market.rs")),
                    ("tests/it.rs", include_str!("engine/tests.rs")),
                ],
            )
        })
        .path()
}

#[test]
fn an_inversion_is_found_in_one_run_that_goes_well() {
    let (answer, reports) = on(market(), "test both_ways");
    answer.check(
        1,
        &[
            "test result: ok. 1 passed",
            "error[lock-order-cycle]",
            "`self.stock`",
            "`self.till`",
            "src/lib.rs",
        ],
    );
    for line in [
        "let till = self.till.lock()",
        "let stock = self.stock.lock()",
    ] {
        assert!(answer.stdout.contains(line), "no `{line}` in\n{answer}");
    }
    assert!(reports.path().join("latest/report.json").is_file());
}

#[test]
fn one_order_is_silent() {
    on(market(), "test one_way").0.check(0, &["1 process"]);
}

#[test]
fn an_inversion_over_two_tests_is_found_by_class() {
    let (answer, _reports) = on(market(), "test half");
    answer.check(0, &["warning[lock-class-cycle]"]);
}

#[test]
fn a_knot_is_broken_and_shown() {
    on(market(), "test relock")
        .0
        .check(1, &["error[self-deadlock]"]);
}

#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn a_test_that_never_ends_is_shown_with_the_place_of_each_thread() {
    let line = "stress --runs 1 --timeout 1s -- --ignored turns_for_ever";
    let (answer, _reports) = on(market(), line);
    answer.check(1, &["error[time-out]", "runs below this call"]);
    // The look falls on the condition or on the body of the loop, as it happens.
    assert!(
        answer.stdout.contains("while !over.load") || answer.stdout.contains("spin_loop()"),
        "not in the loop:\n{answer}"
    );
    answer.check_without(&["unsnarl-monitor"]);
}
