//! Explored programs that call the kernel by themselves, as locks do that are not made of the standard library's.

use std::collections::BTreeSet;
use std::ffi::{c_int, c_long};
use std::io;
use std::ptr;
use std::sync::{Arc, Mutex as Unwatched};
use std::time::Duration;

use unsnarl::cell::RaceCell;
use unsnarl::sync::atomic::{AtomicU32, Ordering};
use unsnarl::time::Instant;
use unsnarl::{Explorer, thread};

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
}

const FUTEX: c_long = 202;
const GETRANDOM: c_long = 318;
const WAIT: c_int = 128;
const WAKE: c_int = 129;

#[repr(C)]
struct Time {
    seconds: i64,
    nanoseconds: i64,
}

/// Sleeps while this is what the word is.
fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) -> io::Result<()> {
    let time = timeout.map(|timeout| Time {
        seconds: timeout.as_secs() as i64,
        nanoseconds: i64::from(timeout.subsec_nanos()),
    });
    let time = time.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: the word and the time live until the call returns.
    match unsafe { syscall(FUTEX, word.as_ptr(), WAIT, expected, time) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn wake(word: &AtomicU32) -> c_long {
    // SAFETY: the word is only named.
    unsafe { syscall(FUTEX, word.as_ptr(), WAKE, 1) }
}

/// A mutex after Drepper, "Futexes are tricky": 0 free, 1 locked, 2 locked and perhaps somebody sleeps.
struct Lock(AtomicU32);

impl Lock {
    const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    fn lock(&self) {
        if self.0.swap(1, Ordering::Acquire) == 0 {
            return;
        }
        while self.0.swap(2, Ordering::Acquire) != 0 {
            let _ = wait(&self.0, 2, None);
        }
    }

    fn unlock(&self) {
        if self.0.swap(0, Ordering::Release) == 2 {
            wake(&self.0);
        }
    }

    /// Forgets that somebody may sleep.
    fn unlock_and_wake_nobody(&self) {
        self.0.store(0, Ordering::Release);
    }
}

/// What two threads add to one value, each under the lock.
fn count(unlock: fn(&Lock)) {
    let (lock, value) = (Lock::new(), RaceCell::new(0));
    let add = || {
        lock.lock();
        // SAFETY: the lock is held.
        unsafe { value.with_mut(|value| *value += 1) };
        unlock(&lock);
    };
    thread::scope(|scope| {
        scope.spawn(add);
        scope.spawn(add);
    });
    // SAFETY: both threads have ended.
    unsafe { value.with(|value| assert_eq!(*value, 2)) };
}

#[test]
fn a_lock_that_sleeps_in_the_kernel_is_exhausted() {
    let exploration = Explorer::new()
        .schedules(100_000)
        .run(|| count(Lock::unlock));
    assert_eq!(exploration.obstacle, None);
    assert!(exploration.findings().is_empty(), "{exploration}");
    assert!(exploration.exhausted, "{exploration}");
}

#[test]
fn who_sleeps_in_the_kernel_and_is_never_woken_is_told() {
    let program = || count(Lock::unlock_and_wake_nobody);
    let obstacle = Explorer::new().run(program).obstacle.unwrap();
    assert!(obstacle.contains("perhaps a deadlock"), "{obstacle}");
}

#[test]
fn a_thread_outside_the_run_wakes_who_sleeps_in_the_kernel() {
    let word = Arc::new(AtomicU32::new(0));
    let here = Arc::clone(&word);
    let outside = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        word.store(1, Ordering::SeqCst);
        wake(&word);
    });
    let exploration = Explorer::new().schedules(1).run(|| {
        let _ = wait(&here, 0, None);
    });
    outside.join().unwrap();
    assert_eq!(exploration.obstacle, None);
    assert_eq!(exploration.schedules, 1);
}

#[test]
fn a_sleep_in_the_kernel_follows_the_virtual_clock() {
    let hour = Duration::from_secs(3600);
    let exploration = Explorer::new().run(|| {
        let (word, start) = (AtomicU32::new(0), Instant::now());
        let error = wait(&word, 0, Some(hour)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(start.elapsed() >= hour);
        let error = wait(&word, 1, None).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        assert_eq!(wake(&word), 0);
    });
    assert!(exploration.findings().is_empty(), "{exploration}");
}

#[test]
fn random_bytes_are_the_same_in_each_execution() {
    let ask = |number: c_long| {
        let mut bytes = [0_u8; 16];
        // SAFETY: the buffer is as long as is said, and no call is asked for that does anything else.
        let got = unsafe { syscall(number, bytes.as_mut_ptr(), bytes.len(), 0) };
        (got, bytes)
    };
    let seen = Unwatched::new(BTreeSet::new());
    let exploration = Explorer::new().run(|| {
        seen.lock().unwrap().insert(ask(GETRANDOM));
        count(Lock::unlock);
    });
    assert!(exploration.schedules > 1);
    let seen: Vec<_> = seen.into_inner().unwrap().into_iter().collect();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].0, 16);
    assert_ne!(ask(GETRANDOM).1, ask(GETRANDOM).1, "outside it is random");
    let unknown = 100_000;
    assert_eq!(ask(unknown).0, -1);
    let error = io::Error::last_os_error();
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
}
