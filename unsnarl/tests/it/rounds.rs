//! Tests that a campaign wants run several times in one process: each here runs in a process of its own.

#![cfg(target_os = "linux")]

use std::fs;
use std::process::{Command, id};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use unsnarl::sync::{Arc, Mutex};
use unsnarl::{Passes, Session, thread};

/// How many bytes a round takes in the file: how long it took, whether it was clean, and 64 words more.
const LENGTH: usize = 8 * 66;

/// Runs one of the ignored tests here in as many rounds as there are plans, asked for by this process or by another one.
/// Returns for each round that came to its end whether it left everything as it was.
fn rounds_by(campaign: u32, test: &str, plans: &str) -> Vec<bool> {
    let name = format!("unsnarl-rounds-{}-{test}-{}", id(), plans.len());
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("rounds::{test}"), "--ignored"])
        .env("UNSNARL_ROUNDS", format!("{campaign} {plans}"))
        .env("UNSNARL_NOISE", plans.split(' ').next().unwrap())
        .env("UNSNARL_ON_FINDING", "record")
        .env("UNSNARL_REPORT_DIR", &folder)
        .spawn()
        .unwrap();
    let kept = folder.join(format!("rounds-{}", child.id()));
    child.wait().unwrap();
    let bytes = fs::read(kept).unwrap_or_default();
    let _ = fs::remove_dir_all(folder);
    bytes
        .chunks_exact(LENGTH)
        .map(|round| round[8] != 0)
        .collect()
}

fn rounds(test: &str, plans: &str) -> Vec<bool> {
    rounds_by(id(), test, plans)
}

fn run(test: fn()) {
    Session::run("a_test", Passes::ByReturning, test);
}

#[test]
#[ignore = "another test runs it in a process of its own"]
fn leaves_nothing() {
    run(|| {
        let hits = Arc::new(Mutex::new(0));
        let other = Arc::clone(&hits);
        thread::spawn(move || *other.lock().unwrap() += 1)
            .join()
            .unwrap();
        assert_eq!(*hits.lock().unwrap(), 1);
    });
}

#[test]
#[ignore = "another test runs it in a process of its own"]
fn leaves_a_thread() {
    run(|| drop(thread::spawn(thread::park)));
}

#[test]
#[ignore = "another test runs it in a process of its own"]
fn leaves_a_thread_that_nobody_watches() {
    run(|| drop(std::thread::spawn(std::thread::park)));
}

#[test]
#[ignore = "another test runs it in a process of its own"]
fn leaves_a_static() {
    static WAS_HERE: AtomicBool = AtomicBool::new(false);
    run(|| WAS_HERE.store(true, SeqCst));
}

#[test]
#[ignore = "another test runs it in a process of its own"]
fn finds_something() {
    run(|| {
        let (a, b) = (Mutex::new(0), Mutex::new(0));
        // They take turns, which nobody sees.
        let turn = AtomicUsize::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                let _both = (a.lock().unwrap(), b.lock().unwrap());
                turn.store(1, SeqCst);
            });
            scope.spawn(|| {
                while turn.load(SeqCst) == 0 {
                    thread::yield_now();
                }
                let _both = (b.lock().unwrap(), a.lock().unwrap());
            });
        });
    });
}

#[test]
fn what_leaves_nothing_is_run_as_often_as_there_are_plans() {
    let plans = "plain:0 yields:1 one-core:2 sleeps:3";
    assert_eq!(rounds("leaves_nothing", plans), [true; 4]);
}

#[test]
fn what_leaves_something_is_run_once() {
    for test in [
        "leaves_a_thread",
        "leaves_a_thread_that_nobody_watches",
        "finds_something",
    ] {
        assert_eq!(rounds(test, "plain:0 plain:1 plain:2"), [false], "{test}");
    }
}

#[test]
fn a_test_that_changes_a_static_is_known_after_its_first_round() {
    assert_eq!(rounds("leaves_nothing", "plain:0"), [true]);
    assert_eq!(rounds("leaves_a_static", "plain:0"), [false]);
}

#[test]
fn who_is_not_asked_does_no_rounds() {
    let rounds = rounds_by(1, "leaves_nothing", "plain:0 plain:1");
    assert!(rounds.is_empty(), "{rounds:?}");
}
