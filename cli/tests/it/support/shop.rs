const INVERSION: &str = r#"{"slug": "lock-order-cycle", "severity": "error", "certainty": "potential",
    "message": "{0} and {1} are locked in both orders",
    "objects": [{"name": "stock", "kind": "Mutex"}, {"name": "till", "kind": "Mutex"}],
    "labels": [
        {"site": {"file": "tests/it.rs", "line": 1, "column": 1}, "role": "primary", "text": "{1} is asked for here"},
        {"site": {"file": "tests/it.rs", "line": 6, "column": 5}, "role": "secondary", "text": "{0} is asked for here"}],
    "fingerprint": "lock-order-cycle-1", "count": 1}"#;

#[test]
fn inversion() {
    unsnarl::report(&unsnarl::process(true, INVERSION));
}

#[test]
fn clean() {
    unsnarl::clean();
}

#[test]
fn unwatched() {}

#[test]
fn failing() {
    unsnarl::clean();
    panic!("by itself");
}

#[test]
fn killed() {
    unsnarl::report(&unsnarl::process(false, ""));
    std::process::abort();
}

#[test]
fn truncated() {
    unsnarl::report("{\"schema\": 1, \"ver");
}

#[test]
fn on_finding() {
    let what = std::env::var("UNSNARL_ON_FINDING").unwrap();
    unsnarl::clean();
    panic!("on a finding: {what}");
}
