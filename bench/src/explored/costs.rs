//! Programs without a bug, to see what one execution costs.
//!
//! The file is part of two modules, which differ in what `sync` and `thread` are.

use std::sync::Arc;

use super::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use super::sync::{Condvar, Mutex};
use super::thread;

/// The programs, by the names that the results give them.
pub(crate) const COSTS: &[(&str, fn())] = &[
    ("locked counter, 2 threads", || locked_counter(2)),
    ("locked counter, 4 threads", || locked_counter(4)),
    ("spawn and join", spawn_and_join),
    ("bounded buffer", bounded_buffer),
    ("atomics", atomics),
];

const ROUNDS: usize = 10;

fn locked_counter(threads: usize) {
    let counter = Arc::new(Mutex::new(0));
    let count = |_| {
        let counter = Arc::clone(&counter);
        thread::spawn(move || (0..ROUNDS).for_each(|_| *counter.lock().unwrap() += 1))
    };
    let handles: Vec<_> = (0..threads).map(count).collect();
    handles
        .into_iter()
        .for_each(|handle| handle.join().unwrap());
    assert_eq!(*counter.lock().unwrap(), threads * ROUNDS);
}

/// Each thread yields once: else there would be nothing to choose, and unsnarl would be done after one execution.
fn spawn_and_join() {
    let give = |number: usize| {
        thread::yield_now();
        number
    };
    let handles: Vec<_> = (0..4)
        .map(|number| thread::spawn(move || give(number)))
        .collect();
    let sum: usize = handles
        .into_iter()
        .map(|handle| handle.join().unwrap())
        .sum();
    assert_eq!(sum, 6);
}

fn bounded_buffer() {
    let buffer = Arc::new((Mutex::new(0_usize), Condvar::new(), Condvar::new()));
    let other = Arc::clone(&buffer);
    let producer = thread::spawn(move || {
        let (count, has_room, has_items) = &*other;
        for _ in 0..ROUNDS {
            let mut items = count.lock().unwrap();
            while *items == 2 {
                items = has_room.wait(items).unwrap();
            }
            *items += 1;
            has_items.notify_one();
        }
    });
    let (count, has_room, has_items) = &*buffer;
    for _ in 0..ROUNDS {
        let mut items = count.lock().unwrap();
        while *items == 0 {
            items = has_items.wait(items).unwrap();
        }
        *items -= 1;
        has_room.notify_one();
    }
    producer.join().unwrap();
}

fn atomics() {
    let counter = Arc::new(AtomicUsize::new(0));
    let count = |_| {
        let counter = Arc::clone(&counter);
        thread::spawn(move || {
            (0..ROUNDS).for_each(|_| {
                counter.fetch_add(1, SeqCst);
            });
        })
    };
    let handles: Vec<_> = (0..3).map(count).collect();
    handles
        .into_iter()
        .for_each(|handle| handle.join().unwrap());
    assert_eq!(counter.load(SeqCst), 3 * ROUNDS);
}
