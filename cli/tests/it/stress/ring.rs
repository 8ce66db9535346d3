use std::thread;
use std::time::Duration;

/// Whether this run has noise.
fn is_noisy() -> bool {
    !std::env::var("UNSNARL_NOISE").unwrap_or_default().starts_with("plain")
}

#[test]
fn clean() {
    unsnarl::clean();
}

#[test]
fn unwatched() {}

#[test]
#[ignore = "tests that are ignored are left out"]
fn ignored() {
    unsnarl::clean();
}

#[test]
#[ignore = "fails in some runs: a campaign asks for it"]
fn moody() {
    flaky();
}

#[test]
fn failing() {
    unsnarl::clean();
    panic!("by itself");
}

#[test]
fn flaky() {
    unsnarl::clean();
    let noise = std::env::var("UNSNARL_NOISE").unwrap_or_default();
    assert!(!noise.starts_with("sleeps"), "not like this");
}

#[test]
fn aborts() {
    unsnarl::clean();
    if is_noisy() {
        std::process::abort();
    }
}

#[test]
fn exits() {
    unsnarl::clean();
    if is_noisy() {
        std::process::exit(3);
    }
}

#[test]
fn hangs() {
    unsnarl::clean();
    if is_noisy() {
        thread::sleep(Duration::from_secs(600));
    }
}

#[test]
fn floods() {
    unsnarl::clean();
    if is_noisy() {
        for _ in 0..200_000 {
            eprintln!("water");
        }
        panic!("after the flood");
    }
}

#[test]
fn slow_one() {
    unsnarl::clean();
    thread::sleep(Duration::from_millis(1_500));
}

#[test]
fn slow_two() {
    unsnarl::clean();
    thread::sleep(Duration::from_millis(1_500));
}

#[test]
fn fragile() {
    unsnarl::clean();
    let noise = std::env::var("UNSNARL_NOISE").unwrap_or_default();
    assert!(!noise.ends_with("+faults"), "what never happens");
}
