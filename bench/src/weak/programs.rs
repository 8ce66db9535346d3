//! Programs without a bug.

use unsnarl::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use unsnarl::sync::atomic::{AtomicUsize, fence};
use unsnarl::sync::{Mutex, mpsc};
use unsnarl::thread;

/// The programs, by the names that the results give them.
pub(crate) const PROGRAMS: &[(&str, fn())] = &[
    ("locked counter, 2 threads", locked_counter),
    ("channel", channel),
    ("atomic counter, 3 threads", counter),
    ("message passing, acquire and release", message_passing),
    ("relaxed loads and stores", relaxed),
    ("spin lock, 2 threads", spin_lock),
    ("Dekker with fences", dekker),
];

const ROUNDS: usize = 10;

fn locked_counter() {
    let counter = Mutex::new(0);
    let touched = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..ROUNDS).for_each(|_| *counter.lock().expect("nobody panics") += 1));
        }
    });
    // So that there is an atomic, and races are watched for.
    touched.store(1, Relaxed);
}

fn channel() {
    let touched = AtomicUsize::new(0);
    touched.store(1, Relaxed);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || (0..ROUNDS).for_each(|number| _ = sender.send(number)));
        assert_eq!(receiver.iter().count(), ROUNDS);
    });
}

fn counter() {
    let counter = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..ROUNDS).for_each(|_| _ = counter.fetch_add(1, AcqRel)));
        }
    });
    assert_eq!(counter.load(Relaxed), 3 * ROUNDS);
}

fn message_passing() {
    let (data, flag) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 1..=ROUNDS {
                data.store(round, Relaxed);
                flag.store(round, Release);
            }
        });
        for _ in 0..ROUNDS {
            let round = flag.load(Acquire);
            assert!(data.load(Relaxed) >= round);
        }
    });
}

fn relaxed() {
    let all: [AtomicUsize; 4] = Default::default();
    thread::scope(|scope| {
        for number in 0..2 {
            let all = &all;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    all[(number + round) % 4].store(round, Relaxed);
                    assert!(all[round % 4].load(Relaxed) < ROUNDS);
                }
            });
        }
    });
}

fn spin_lock() {
    let (lock, count) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..ROUNDS / 2 {
                    while lock.compare_exchange(0, 1, Acquire, Relaxed).is_err() {
                        thread::yield_now();
                    }
                    count.store(count.load(Relaxed) + 1, Relaxed);
                    lock.store(0, Release);
                }
            });
        }
    });
    assert_eq!(count.load(Relaxed), ROUNDS);
}

fn dekker() {
    let flags: [AtomicUsize; 2] = Default::default();
    let seen: [AtomicUsize; 2] = Default::default();
    thread::scope(|scope| {
        for number in 0..2 {
            let (flags, seen) = (&flags, &seen);
            scope.spawn(move || {
                for round in 1..=ROUNDS / 2 {
                    flags[number].store(round, Relaxed);
                    fence(SeqCst);
                    seen[number].store(flags[1 - number].load(Relaxed), Relaxed);
                }
            });
        }
    });
}
