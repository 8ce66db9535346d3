//! What is timed: the same lines for every build.

use std::hint::black_box;
use std::sync::Barrier;

use unsnarl::cell::RaceCell;
use unsnarl::sync::Mutex;
use unsnarl::sync::atomic::{AtomicU64, Ordering};
use unsnarl::sync::mpsc::{SyncSender, sync_channel};
use unsnarl::thread;

use crate::clock;
use crate::output::say;

/// One kind of work.
pub(crate) struct Work {
    pub(crate) title: &'static str,
    /// Done by so many threads; returns nanoseconds each operation takes its thread.
    run: fn(usize) -> f64,
    /// What watching may cost as a multiple of ThreadSanitizer, and of nothing.
    pub(crate) reach: (f64, Option<f64>),
}

/// Every kind of work.
pub(crate) const WORKS: &[Work] = &[
    Work {
        title: "plain read + write through a cell",
        run: plain,
        reach: (0.2, Some(3.0)),
    },
    Work {
        title: "shared read",
        run: shared_read,
        reach: (0.2, Some(3.0)),
    },
    Work {
        title: "lock, one access, unlock",
        run: locked,
        reach: (0.12, Some(4.0)),
    },
    Work {
        title: "lock, unlock",
        run: lock_alone,
        reach: (1.0, Some(3.0)),
    },
    Work {
        title: "atomic read-modify-write",
        run: modify,
        reach: (0.4, Some(9.0)),
    },
    Work {
        title: "bounded channel, one message",
        run: channel,
        reach: (0.4, None),
    },
];

/// How often each thread does it, where it is little work, and where it is more.
const MANY: u32 = 10_000_000;
const FEW: u32 = 300_000;

/// Says the time of each work, by one thread and by two.
pub(crate) fn measure() {
    // From the first access to a cell on, every operation is watched.
    let cell = RaceCell::new(0_u64);
    // SAFETY: nobody else has the cell.
    unsafe { cell.set(1) };
    for work in WORKS {
        for threads in [1, 2] {
            say(&format!(
                "{}\t{threads}\t{}",
                work.title,
                (work.run)(threads)
            ));
        }
    }
}

/// Nanoseconds each of so many calls of `body` takes the thread.
#[inline(always)]
fn timed(times: u32, mut body: impl FnMut()) -> f64 {
    for _ in 0..1000 {
        body();
    }
    let start = clock::cpu();
    for _ in 0..times {
        body();
    }
    (clock::cpu() - start) as f64 / f64::from(times)
}

/// Lets so many threads do this at once, with what is theirs, and returns the mean of what they say.
fn together<T: Send>(threads: usize, own: impl Fn() -> T, work: impl Fn(T) -> f64 + Sync) -> f64 {
    let begin = Barrier::new(threads);
    let (begin, work) = (&begin, &work);
    let sum: f64 = thread::scope(|scope| {
        let all: Vec<_> = (0..threads)
            .map(|_| {
                let own = own();
                scope.spawn(move || {
                    begin.wait();
                    work(own)
                })
            })
            .collect();
        let times = all.into_iter().map(|thread| thread.join());
        times.map(|time| time.expect("work does not panic")).sum()
    });
    sum / threads as f64
}

fn plain(threads: usize) -> f64 {
    let own = || Box::new(RaceCell::new(0_u64));
    together(threads, own, |cell| {
        timed(MANY, || {
            let cell = black_box(&*cell);
            // SAFETY: the cell is the thread's own.
            unsafe { cell.set(cell.get() + 1) };
        })
    })
}

fn shared_read(threads: usize) -> f64 {
    let cell = RaceCell::new(1_u64);
    together(
        threads,
        || (),
        |()| {
            timed(MANY, || {
                // SAFETY: nobody writes.
                black_box(unsafe { black_box(&cell).get() });
            })
        },
    )
}

fn locked(threads: usize) -> f64 {
    let lock = Mutex::new(RaceCell::new(0_u64));
    together(
        threads,
        || (),
        |()| {
            timed(FEW, || {
                let cell = black_box(&lock).lock().expect("work does not panic");
                // SAFETY: the lock keeps others out.
                unsafe { cell.with_mut(|value| *value += 1) };
            })
        },
    )
}

fn lock_alone(threads: usize) -> f64 {
    let lock = Mutex::new(0_u64);
    together(
        threads,
        || (),
        |()| {
            timed(FEW, || {
                *black_box(&lock).lock().expect("work does not panic") += 1
            })
        },
    )
}

fn modify(threads: usize) -> f64 {
    let atomic = AtomicU64::new(0);
    together(
        threads,
        || (),
        |()| {
            timed(FEW, || {
                black_box(&atomic).fetch_add(1, Ordering::AcqRel);
            })
        },
    )
}

/// One thread sends to itself; two send to each other's ends.
fn channel(threads: usize) -> f64 {
    let (sender, receiver) = sync_channel::<u64>(64);
    if threads == 1 {
        return timed(FEW, || {
            sender.send(1).expect("the receiver is here");
            black_box(receiver.recv().expect("the sender is here"));
        });
    }
    let send = move |sender: SyncSender<u64>| {
        timed(FEW, || {
            sender.send(1).expect("the receiver listens to the end")
        })
    };
    thread::scope(|scope| {
        let sends = scope.spawn(move || send(sender));
        let receives = timed(FEW, || {
            black_box(receiver.recv().expect("as many are sent"));
        });
        receives + sends.join().expect("work does not panic")
    })
}
