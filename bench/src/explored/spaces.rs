//! Programs small enough to see every interleaving of.

use std::sync::Arc;

use unsnarl::Explorer;
use unsnarl::sync::Mutex;
use unsnarl::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use unsnarl::thread;

use crate::output::say;

/// More executions than this are not waited for.
const MOST: usize = 2_000_000;

/// A program, and how many executions see all of it.
struct Space {
    name: &'static str,
    program: fn(),
    reach: &'static str,
}

const SPACES: &[Space] = &[
    Space {
        name: "locked counter, 3 × 1",
        program: || locked_counter(3),
        reach: "6",
    },
    Space {
        name: "locked counter, 4 × 1",
        program: || locked_counter(4),
        reach: "24",
    },
    Space {
        name: "lost update, 3 × 1",
        program: || lost_update(3),
        reach: "≤ 36",
    },
    Space {
        name: "disjoint writes, 3 × 2",
        program: disjoint_writes,
        reach: "1",
    },
];

/// Prints the table.
pub(super) fn run() {
    say("## Executions to see every interleaving, `dpor`\n");
    say(
        "| | executions | of them different | reach (plus ≤ 10 % that repeat others) |\n|---|---:|---:|---|",
    );
    for Space {
        name,
        program,
        reach,
    } in SPACES
    {
        let exploration = Explorer::new()
            .schedules(MOST)
            .strategy("dpor")
            .keep_going(true)
            .run(program);
        assert!(
            exploration.exhausted || exploration.first_finding_at.is_some(),
            "{name} is not exhausted"
        );
        let (schedules, distinct) = (exploration.schedules, exploration.distinct);
        say(&format!("| {name} | {schedules} | {distinct} | {reach} |"));
    }
    say("");
}

fn in_threads(threads: usize, body: impl Fn(usize) + Clone + Send + 'static) {
    let spawn = |number| {
        let body = body.clone();
        thread::spawn(move || body(number))
    };
    let handles: Vec<_> = (0..threads).map(spawn).collect();
    handles
        .into_iter()
        .for_each(|handle| handle.join().unwrap());
}

fn locked_counter(threads: usize) {
    let counter = Arc::new(Mutex::new(0));
    in_threads(threads, move |_| *counter.lock().unwrap() += 1);
}

fn lost_update(threads: usize) {
    let counter = Arc::new(AtomicUsize::new(0));
    in_threads(threads, move |_| {
        let seen = counter.load(SeqCst);
        counter.store(seen + 1, SeqCst);
    });
}

fn disjoint_writes() {
    let values = Arc::new([const { AtomicUsize::new(0) }; 3]);
    in_threads(3, move |number| {
        values[number].store(1, SeqCst);
        values[number].store(2, SeqCst);
    });
}
