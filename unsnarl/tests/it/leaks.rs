//! Threads, guards and channels that outlive their test: who is blamed, and who is not.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::time::Duration;

use unsnarl::leak::check_none;
use unsnarl::sync::{Arc, LazyLock, Mutex, RwLock, mpsc};
use unsnarl::{Passes, Session, thread};

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

#[test]
fn a_guard_that_is_forgotten_is_named() {
    alone("a_guard_that_is_forgotten_is_named", || {
        let lock = Mutex::new(0);
        let said = complaint(|| {
            let _none = check_none();
            std::mem::forget(lock.lock().unwrap());
        });
        assert_eq!(said.is_some(), IS_WATCHED);
        for word in ["leaked-guard", "never gives"] {
            assert!(said.iter().all(|said| said.contains(word)), "{said:?}");
        }
    });
}

#[test]
fn a_guard_that_a_thread_took_with_it_is_named() {
    alone("a_guard_that_a_thread_took_with_it_is_named", || {
        let lock = RwLock::new(0);
        let said = complaint(|| {
            let _none = check_none().grace(Duration::from_millis(100));
            thread::scope(|scope| {
                let reader = thread::Builder::new().name("reader".to_owned());
                let read = || std::mem::forget(lock.read().unwrap());
                reader.spawn_scoped(scope, read).unwrap();
            });
        });
        assert_eq!(said.is_some(), IS_WATCHED);
        assert!(
            said.iter().all(|said| said.contains("thread `reader`")),
            "{said:?}"
        );
    });
}

/// A guard in a thread-local, dropped at the end of its thread.
#[test]
fn guards_that_will_be_dropped_do_not_count() {
    static SHELF: Mutex<u32> = Mutex::new(0);
    thread_local! {
        static OWN: std::cell::RefCell<Vec<unsnarl::sync::MutexGuard<'static, u32>>> =
            const { std::cell::RefCell::new(Vec::new()) };
    }
    let before = Mutex::new(0);
    let _held = before.lock().unwrap();
    let said = complaint(|| {
        let _none = check_none();
        let lock = Mutex::new(0);
        drop(lock.lock().unwrap());
        thread::spawn(|| OWN.with_borrow_mut(|own| own.push(SHELF.lock().unwrap())))
            .join()
            .unwrap();
    });
    assert_eq!(said, None);
    drop(SHELF.lock());
}

#[test]
fn a_lock_that_is_gone_keeps_nobody_waiting() {
    let said = complaint(|| {
        let _none = check_none();
        let lock = Arc::new(Mutex::new(0));
        std::mem::forget(lock.lock().unwrap());
        let other = Arc::clone(&lock);
        thread::spawn(move || drop(other)).join().unwrap();
        let here = Arc::new(Mutex::new(0));
        let there = Arc::clone(&here);
        thread::spawn(move || std::mem::forget(there.lock().unwrap()))
            .join()
            .unwrap();
    });
    assert_eq!(said, None);
}

#[test]
fn ends_of_channels_that_are_left_are_told_where_it_is_asked_for() {
    let name = "ends_of_channels_that_are_left_are_told_where_it_is_asked_for";
    let of_kinds: [(&str, fn()); 3] = [
        ("a sender is left of", || {
            let (sender, receiver) = mpsc::channel::<()>();
            std::mem::forget(sender.clone());
            drop((sender, receiver));
        }),
        ("the receiver is left of", || {
            std::mem::forget(mpsc::sync_channel::<()>(1).1);
        }),
        ("both ends are left of", || {
            std::mem::forget(mpsc::channel::<()>());
        }),
    ];
    alone(name, || {
        for (words, body) in of_kinds {
            let lenient = complaint(|| {
                let _none = check_none();
                body();
            });
            assert_eq!(lenient, None);
            let said = complaint(|| {
                let _none = check_none().strict().grace(Duration::from_millis(100));
                body();
            });
            assert_eq!(said.is_some(), IS_WATCHED);
            assert!(said.iter().all(|said| said.contains(words)), "{said:?}");
        }
    });
}

/// What is said of a program in a process of its own, where threads of others are a warning.
#[cfg(target_os = "linux")]
fn said_of_strangers(name: &str, body: impl FnOnce()) -> String {
    const VARIABLE: &str = "UNSNARL_STRANGERS";
    if std::env::var_os(VARIABLE).is_some() {
        assert_eq!(complaint(body), None);
        return String::new();
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    let output = child
        .args(["--exact", &format!("leaks::{name}"), "--nocapture"])
        .env(VARIABLE, "1")
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A thread of this name that unsnarl does not see start.
#[cfg(target_os = "linux")]
fn stranger(name: &str, body: impl FnOnce() + Send + 'static) -> std::thread::JoinHandle<()> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(body).unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn threads_of_other_code_are_told_apart_where_it_is_asked_for() {
    let name = "threads_of_other_code_are_told_apart_where_it_is_asked_for";
    let said = said_of_strangers(name, || {
        let _none = check_none().strict().grace(Duration::from_millis(100));
        stranger("of-a-pool", || {
            loop {
                std::thread::park();
            }
        });
        stranger("uses-a-lock", || {
            drop(Mutex::new(0).lock());
            loop {
                std::thread::park();
            }
        });
    });
    for words in [
        "warning[leaked-thread]: 2 threads that other code started",
        "thread `of-a-pool` (",
        "thread `uses-a-lock` (",
        "some test of this process",
    ] {
        let is_told = said.is_empty() || !IS_WATCHED || said.contains(words);
        assert!(is_told, "{words}: {said}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn threads_of_other_code_that_are_no_leak_are_not_told() {
    let name = "threads_of_other_code_that_are_no_leak_are_not_told";
    let said = said_of_strangers(name, || {
        stranger("before", || {
            loop {
                std::thread::park();
            }
        });
        let park_for_ever = || loop {
            std::thread::park();
        };
        let lenient = check_none();
        stranger("not-asked-for", park_for_ever);
        drop(lenient);
        let _none = check_none()
            .strict()
            .ignore_name("let-*")
            .grace(Duration::from_millis(100));
        stranger("ends", || ()).join().unwrap();
        stranger("let-off", park_for_ever);
        // A thread that looks like a test's.
        stranger("tests::other", park_for_ever);
    });
    assert!(!said.contains("leaked-thread"), "{said}");
}

#[test]
fn channels_of_statics_of_others_and_from_before_do_not_count() {
    static LOG: LazyLock<mpsc::Sender<u32>> = LazyLock::new(|| {
        let (sender, receiver) = mpsc::channel();
        std::mem::forget(receiver);
        sender
    });
    std::mem::forget(mpsc::channel::<()>());
    let said = complaint(|| {
        let _none = check_none().strict();
        LOG.send(1).unwrap();
        std::thread::spawn(|| std::mem::forget(mpsc::channel::<()>()))
            .join()
            .unwrap();
        let (sender, receiver) = mpsc::channel();
        let sends = thread::spawn(move || sender.send(1));
        sends.join().unwrap().unwrap();
        assert_eq!(receiver.recv(), Ok(1));
    });
    assert_eq!(said, None);
}

/// Explored or not.
#[test]
#[cfg(feature = "macros")]
#[expect(unnameable_test_items, reason = "it is called to see what comes of it")]
fn a_test_by_our_attribute_must_leave_nothing() {
    #[unsnarl::test(schedules = 5)]
    fn leaves_a_thread() {
        std::mem::forget(waiting("left-behind"));
    }
    alone("a_test_by_our_attribute_must_leave_nothing", || {
        let said = complaint(leaves_a_thread);
        assert_eq!(said.is_some(), IS_WATCHED);
        for word in ["leaked-thread", "`left-behind` outlives"] {
            assert!(said.iter().all(|said| said.contains(word)), "{said:?}");
        }
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("unsnarl-regressions");
        let _ = std::fs::remove_file(folder.join("leaks..leaves_a_thread.txt"));
        let _ = std::fs::remove_dir(folder);
    });
}

#[test]
fn each_of_the_tests_that_run_at_once_answers_for_its_own() {
    let name = "each_of_the_tests_that_run_at_once_answers_for_its_own";
    alone(name, || {
        let (meet, left) = (std::sync::Barrier::new(2), Mutex::new(0));
        let run = |name, leaves: bool| {
            let (meet, left) = (&meet, &left);
            move || {
                let _session = Session::open(name);
                complaint(|| {
                    let _none = check_none().grace(Duration::from_millis(100));
                    meet.wait();
                    if leaves {
                        std::mem::forget(waiting(name));
                        std::mem::forget(left.lock().unwrap());
                    }
                    meet.wait();
                })
            }
        };
        std::thread::scope(|scope| {
            let leaves = scope.spawn(run("leaves", true));
            let clean = scope.spawn(run("clean", false));
            assert_eq!(clean.join().unwrap(), None);
            let said = leaves.join().unwrap();
            assert_eq!(said.is_some(), IS_WATCHED);
            assert!(
                said.iter()
                    .all(|said| said.contains("`leaves` outlives") && said.contains("1 more")),
                "{said:?}"
            );
        });
    });
}

#[test]
fn the_environment_asks_of_plain_tests_that_run_in_sessions() {
    const VARIABLE: &str = "UNSNARL_LEAKS";
    fn leaves_a_thread() {
        std::mem::forget(waiting("left-behind"));
    }
    fn panics() {
        leaves_a_thread();
        panic!("{}", "its own");
    }
    if std::env::var_os(VARIABLE).is_some() {
        let run = |passes, test: fn()| complaint(|| Session::run("plain", passes, test));
        let said = run(Passes::ByReturning, leaves_a_thread);
        assert_eq!(said.is_some(), IS_WATCHED);
        assert!(
            said.iter()
                .all(|said| said.contains("`left-behind` outlives")),
            "{said:?}"
        );
        assert_eq!(run(Passes::ByPanicking, panics).as_deref(), Some("its own"));
        return;
    }
    let name = "leaks::the_environment_asks_of_plain_tests_that_run_in_sessions";
    let mut child = Command::new(std::env::current_exe().unwrap());
    let output = child
        .args(["--exact", name])
        .env(VARIABLE, "1")
        .env("UNSNARL_ON_FINDING", "record")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}
