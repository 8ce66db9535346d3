//! Threads that outlive their test: who is blamed, and who is not.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::time::Duration;

use unsnarl::leak::check_none;
use unsnarl::sync::mpsc;
use unsnarl::thread;

const IS_WATCHED: bool = cfg!(feature = "observe");

/// Runs a test that leaves threads behind in a process of its own: what is found there must not fail this one.
fn alone(name: &str, test: impl FnOnce()) {
    const VARIABLE: &str = "UNSNARL_ON_FINDING";
    if std::env::var(VARIABLE).is_ok_and(|value| value == "record") {
        return test();
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    let output = child
        .args(["--exact", &format!("leaks::{name}")])
        .env(VARIABLE, "record")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

/// What a check says at its end, if it complains.
fn complaint(body: impl FnOnce()) -> Option<String> {
    let payload = catch_unwind(AssertUnwindSafe(body)).err()?;
    Some(*payload.downcast::<String>().expect("a message"))
}

/// A thread of this name that waits until the sender is dropped.
fn waiting(name: &str) -> mpsc::Sender<()> {
    let (end, is_over) = mpsc::channel::<()>();
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(move || is_over.recv()).unwrap();
    end
}

#[test]
fn a_thread_that_is_left_is_named() {
    alone("a_thread_that_is_left_is_named", || {
        let mut ends = Vec::new();
        let said = complaint(|| {
            let _none = check_none().grace(Duration::from_millis(100));
            ends.push(waiting("left-behind"));
            ends.push(waiting("left-too"));
        });
        assert_eq!(said.is_some(), IS_WATCHED);
        for word in ["leaked-thread", "`left-behind` outlives", "and 1 more"] {
            assert!(said.iter().all(|said| said.contains(word)), "{said:?}");
        }
    });
}

#[test]
fn threads_that_end_in_time_are_no_leak() {
    let said = complaint(|| {
        let _none = check_none();
        thread::spawn(|| ()).join().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| ());
        });
        drop(waiting("told to end"));
    });
    assert_eq!(said, None);
}

#[test]
fn grandchildren_count_though_their_parent_has_ended() {
    alone("grandchildren_count_though_their_parent_has_ended", || {
        let mut end = None;
        let said = complaint(|| {
            let _none = check_none().grace(Duration::from_millis(100));
            end = thread::spawn(|| waiting("grandchild")).join().ok();
        });
        assert_eq!(said.is_some(), IS_WATCHED);
        assert!(
            said.iter().all(|said| said.contains("`grandchild`")),
            "{said:?}"
        );
    });
}

#[test]
fn threads_of_others_and_from_before_do_not_count() {
    let before = waiting("before");
    let (end_other, other) = mpsc::channel();
    let said = complaint(|| {
        let _none = check_none().grace(Duration::from_millis(100));
        // What the standard library starts is nobody's child.
        std::thread::spawn(move || end_other.send(waiting("of another test")).unwrap());
        let _end = other.recv().unwrap();
    });
    assert_eq!(said, None);
    drop(before);
}

#[test]
fn what_is_ignored_may_stay() {
    let mut ends = Vec::new();
    for name in ["pool-1", "pool-2"] {
        let said = complaint(|| {
            let _none = check_none().ignore_name("pool-*");
            ends.push(waiting(name));
        });
        assert_eq!(said, None);
    }
    let said = complaint(|| {
        let _none = check_none().ignore_started_in("tests/it/leaks.rs");
        ends.push(waiting("started here"));
    });
    assert_eq!(said, None);
}

#[test]
fn a_test_that_panics_keeps_its_own_panic() {
    alone("a_test_that_panics_keeps_its_own_panic", || {
        let mut ends = Vec::new();
        let said = complaint(|| {
            let _none = check_none().grace(Duration::from_millis(100));
            ends.push(waiting("left while panicking"));
            panic!("{}", "its own");
        });
        assert_eq!(said.as_deref(), Some("its own"));
    });
}
