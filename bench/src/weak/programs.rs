//! Programs without a bug.

use unsnarl::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use unsnarl::sync::atomic::{AtomicUsize, fence};
use unsnarl::sync::{Mutex, mpsc};
use unsnarl::thread;

/// A program.
pub(crate) struct Program {
    /// What the results call it.
    pub(crate) name: &'static str,
    pub(crate) run: fn(),
    /// Which part of its steps it also has without weak memory, where a fence is none.
    pub(crate) steps_without: f64,
}

macro_rules! programs {
    ($($name:literal $run:ident $steps_without:expr;)*) => {
        &[$(Program { name: $name, run: $run, steps_without: $steps_without }),*]
    };
}

/// Steps of the last program: each of two threads stores, loads and stores again in each round, and the main thread waits.
const DEKKER: f64 = (2 * (ROUNDS / 2) * 3 + 1) as f64;
const ITS_FENCES: f64 = ROUNDS as f64;

/// The programs.
pub(crate) const PROGRAMS: &[Program] = programs! {
    "locked counter, 2 threads" locked_counter 1.0;
    "channel" channel 1.0;
    "atomic counter, 3 threads" counter 1.0;
    "message passing, acquire and release" message_passing 1.0;
    "relaxed loads and stores" relaxed 1.0;
    "spin lock, 2 threads" spin_lock 1.0;
    "Dekker with fences" dekker DEKKER / (DEKKER + ITS_FENCES);
};

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
