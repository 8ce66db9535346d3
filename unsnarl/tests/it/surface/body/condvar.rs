use std::time::{Duration, Instant};

use super::panic_of;
use super::sync::{Condvar, Mutex, WaitTimeoutResult};
use super::thread;

const MOMENT: Duration = Duration::from_millis(5);
const LONG: Duration = Duration::from_secs(60);

#[test]
fn a_notified_thread_wakes() {
    let (turn, changed) = (Mutex::new(0), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut turn = turn.lock().unwrap();
            while *turn != 1 {
                turn = changed.wait(turn).unwrap();
            }
            *turn = 2;
            changed.notify_all();
        });
        *turn.lock().unwrap() = 1;
        changed.notify_one();
        let turn = changed
            .wait_while(turn.lock().unwrap(), |turn| *turn != 2)
            .unwrap();
        assert_eq!(*turn, 2);
    });
}

#[test]
fn all_notified_threads_wake() {
    let (open, changed) = (Mutex::new(false), Condvar::new());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let guard = open.lock().unwrap();
                assert!(*changed.wait_while(guard, |open| !*open).unwrap());
            });
        }
        *open.lock().unwrap() = true;
        changed.notify_all();
    });
}

#[test]
fn a_timed_wait_ends() {
    let (mutex, changed) = (Mutex::new(1), Condvar::new());
    let start = Instant::now();
    let mut guard = mutex.lock().unwrap();
    let mut result;
    // A wait may also end without cause.
    loop {
        (guard, result) = changed.wait_timeout(guard, MOMENT).unwrap();
        if WaitTimeoutResult::timed_out(&result) {
            break;
        }
    }
    assert!(start.elapsed() >= MOMENT);
    let (guard, result) = changed.wait_timeout_while(guard, MOMENT, |_| true).unwrap();
    assert!(result.timed_out() && start.elapsed() >= 2 * MOMENT);
    let (guard, result) = changed.wait_timeout_while(guard, LONG, |_| false).unwrap();
    assert!(!result.timed_out());
    #[expect(deprecated, reason = "it is still there")]
    let (guard, _) = changed.wait_timeout_ms(guard, 1).unwrap();
    assert_eq!(*guard, 1);
}

#[test]
fn a_timed_wait_can_be_ended_before_its_time() {
    let (open, changed) = (Mutex::new(false), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let guard = open.lock().unwrap();
            let waited = changed.wait_timeout_while(guard, LONG, |open| !*open);
            let (open, result) = waited.unwrap();
            assert!(*open && !result.timed_out());
        });
        *open.lock().unwrap() = true;
        changed.notify_one();
    });
}

#[test]
fn a_poisoned_mutex_stays_poisoned() {
    let (mutex, changed) = (Mutex::new(false), Condvar::new());
    panic_of(|| {
        let _guard = mutex.lock().unwrap();
        panic!("poison");
    });
    let guard = mutex.lock().unwrap_err().into_inner();
    let (guard, _) = changed
        .wait_timeout(guard, MOMENT)
        .unwrap_err()
        .into_inner();
    let waited = changed.wait_timeout_while(guard, MOMENT, |_| true);
    assert!(waited.unwrap_err().into_inner().1.timed_out());
}

#[test]
fn it_is_shown_without_what_it_hides() {
    assert_eq!(format!("{:?}", Condvar::default()), "Condvar { .. }");
}
