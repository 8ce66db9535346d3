//! `#[unsnarl::test]`.

#![expect(
    unnameable_test_items,
    reason = "tests call tests to see what comes of them"
)]

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use unsnarl::sync::atomic::AtomicUsize;
use unsnarl::sync::{Mutex, mpsc};
use unsnarl::thread;

#[unsnarl::test]
fn a_plain_one() {
    let account = Arc::new(Mutex::new(100));
    let other = Arc::clone(&account);
    let deposit = thread::spawn(move || *other.lock().unwrap() += 20);
    *account.lock().unwrap() -= 10;
    deposit.join().unwrap();
    assert_eq!(*account.lock().unwrap(), 110);
}

/// How often it ran tells that it was explored as it says.
#[test]
fn its_settings_are_heeded() {
    #[unsnarl::test(schedules = 7, strategy = "random", time = 1_000)]
    fn counted() {
        RUNS.fetch_add(1, SeqCst);
        // Something to choose, or one schedule would be all.
        let count = Arc::new(AtomicUsize::new(0));
        let other = Arc::clone(&count);
        let thread = thread::spawn(move || other.fetch_add(1, SeqCst));
        count.fetch_add(1, SeqCst);
        thread.join().unwrap();
    }
    static RUNS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    counted();
    // Some schedules are run once more, to see whether the program does the same again.
    let expected = if cfg!(feature = "explore") {
        7..=100
    } else {
        1..=1
    };
    let runs = RUNS.load(SeqCst);
    assert!(expected.contains(&runs), "{runs}");
}

#[unsnarl::test(schedules = 20)]
fn one_with_a_result() -> Result<(), String> {
    let count = Arc::new(AtomicUsize::new(0));
    let other = Arc::clone(&count);
    let thread = thread::spawn(move || other.fetch_add(1, SeqCst));
    thread.join().map_err(|_| "it panicked".to_owned())?;
    Ok(())
}

#[unsnarl::test(schedules = 20)]
#[should_panic(expected = "as it should")]
fn one_that_has_to_panic() {
    thread::spawn(|| ()).join().unwrap();
    panic!("as it should");
}

/// A thread of this name that waits for ever.
fn leave_a_thread(name: &str) {
    let (end, is_over) = mpsc::channel::<()>();
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(move || is_over.recv()).unwrap();
    std::mem::forget(end);
}

#[unsnarl::test(schedules = 5, leaks = false)]
fn one_that_may_leave_threads() {
    leave_a_thread("stays");
}

#[unsnarl::test(schedules = 5, ignore_leaks_of = "pool-*")]
fn one_that_may_leave_some_threads() -> Result<(), String> {
    leave_a_thread("pool-1");
    Ok(())
}

#[unsnarl::test(schedules = 5)]
#[should_panic(expected = "as it should")]
fn one_that_leaves_a_thread_as_it_panics() {
    leave_a_thread("stays");
    panic!("as it should");
}

/// The name of the test is that of its function, whatever thread runs it.
#[test]
#[cfg(feature = "explore")]
fn what_it_finds_fails_it_and_is_kept_under_its_name() {
    #[unsnarl::test(strategy = "dpor")]
    fn loses_an_update() {
        let count = Arc::new(AtomicUsize::new(0));
        let other = Arc::clone(&count);
        let thread = thread::spawn(move || other.store(other.load(SeqCst) + 1, SeqCst));
        count.store(count.load(SeqCst) + 1, SeqCst);
        thread.join().unwrap();
        assert_eq!(count.load(SeqCst), 2);
    }
    let message = std::panic::catch_unwind(loses_an_update).unwrap_err();
    let message = message.downcast::<String>().unwrap();
    assert!(message.contains("error[panic]"), "{message}");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("unsnarl-regressions");
    std::fs::remove_file(folder.join("attribute..loses_an_update.txt")).unwrap();
    let _ = std::fs::remove_dir(folder);
}
