//! What explored runs show of weak memory.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::sync::{Arc, Mutex};

use unsnarl::sync::atomic::{AtomicUsize, fence};
use unsnarl::{Explorer, thread};

/// A thread of a litmus test: it works on two atomics, and returns what it has read, as digits.
type Body = fn(&[AtomicUsize; 2]) -> usize;

/// All that the threads read, in every execution.
fn outcomes(explorer: &Explorer, bodies: &[Body]) -> BTreeSet<Vec<usize>> {
    let seen = Mutex::new(BTreeSet::new());
    let exploration = explorer.run(|| {
        let atomics = &<[AtomicUsize; 2]>::default();
        let read = thread::scope(|scope| {
            let threads: Vec<_> = bodies
                .iter()
                .map(|body| scope.spawn(|| body(atomics)))
                .collect();
            let results = threads.into_iter().map(|thread| thread.join().unwrap());
            results.collect::<Vec<_>>()
        });
        seen.lock().unwrap().insert(read);
    });
    assert!(exploration.findings().is_empty(), "{exploration}");
    assert_eq!(
        exploration.exhausted,
        explorer_is_exhaustive(explorer),
        "{exploration}"
    );
    seen.into_inner().unwrap()
}

fn explorer_is_exhaustive(explorer: &Explorer) -> bool {
    format!("{explorer:?}").contains("dpor")
}

/// What depth-first search, partial-order reduction and chance show must be the same, and is this.
#[track_caller]
fn check(bodies: &[Body], expected: &[&[usize]]) {
    let expected: BTreeSet<Vec<usize>> = expected.iter().map(|read| read.to_vec()).collect();
    let dpor = Explorer::new().strategy("dpor").schedules(200_000);
    assert_eq!(outcomes(&dpor, bodies), expected);
    let random = Explorer::new().strategy("random").schedules(3_000);
    assert_eq!(outcomes(&random, bodies), expected);
}

#[test]
fn store_buffering() {
    check(
        &[
            |[x, y]| {
                x.store(1, Release);
                y.load(Acquire)
            },
            |[x, y]| {
                y.store(1, Release);
                x.load(Acquire)
            },
        ],
        &[&[0, 0], &[0, 1], &[1, 0], &[1, 1]],
    );
}

#[test]
fn store_buffering_with_sequential_consistency() {
    check(
        &[
            |[x, y]| {
                x.store(1, SeqCst);
                y.load(SeqCst)
            },
            |[x, y]| {
                y.store(1, SeqCst);
                x.load(SeqCst)
            },
        ],
        &[&[0, 1], &[1, 0], &[1, 1]],
    );
}

#[test]
fn store_buffering_with_fences() {
    check(
        &[
            |[x, y]| {
                x.store(1, Relaxed);
                fence(SeqCst);
                y.load(Relaxed)
            },
            |[x, y]| {
                y.store(1, Relaxed);
                fence(SeqCst);
                x.load(Relaxed)
            },
        ],
        &[&[0, 1], &[1, 0], &[1, 1]],
    );
}

#[test]
fn store_buffering_with_a_fence_and_sequential_consistency() {
    check(
        &[
            |[x, y]| {
                x.store(1, Relaxed);
                fence(SeqCst);
                y.load(Relaxed)
            },
            |[x, y]| {
                y.store(1, SeqCst);
                x.load(SeqCst)
            },
        ],
        &[&[0, 1], &[1, 0], &[1, 1]],
    );
}

fn passing(store: Ordering, load: Ordering) -> BTreeSet<Vec<usize>> {
    let explorer = Explorer::new().strategy("dpor").schedules(100_000);
    let seen = Mutex::new(BTreeSet::new());
    let exploration = explorer.run(|| {
        let [x, y] = &<[AtomicUsize; 2]>::default();
        thread::scope(|scope| {
            scope.spawn(|| {
                x.store(1, Relaxed);
                y.store(1, store);
            });
            let read = vec![y.load(load), x.load(Relaxed)];
            seen.lock().unwrap().insert(read);
        });
    });
    assert!(exploration.exhausted, "{exploration}");
    seen.into_inner().unwrap()
}

#[test]
fn message_passing() {
    for (store, load, is_ordered) in [
        (Relaxed, Relaxed, false),
        (Release, Relaxed, false),
        (Relaxed, Acquire, false),
        (Release, Acquire, true),
        (SeqCst, SeqCst, true),
    ] {
        let seen = passing(store, load);
        assert_eq!(
            !seen.contains(&vec![1, 0]),
            is_ordered,
            "{store:?} {load:?}"
        );
        assert_eq!(seen.len(), if is_ordered { 3 } else { 4 });
    }
}

#[test]
fn independent_reads_of_independent_writes() {
    let bodies = |order: Ordering| -> [Body; 4] {
        match order {
            SeqCst => [
                |[x, _]| {
                    x.store(1, SeqCst);
                    0
                },
                |[_, y]| {
                    y.store(1, SeqCst);
                    0
                },
                |[x, y]| 10 * x.load(SeqCst) + y.load(SeqCst),
                |[x, y]| 10 * y.load(SeqCst) + x.load(SeqCst),
            ],
            _ => [
                |[x, _]| {
                    x.store(1, Release);
                    0
                },
                |[_, y]| {
                    y.store(1, Release);
                    0
                },
                |[x, y]| 10 * x.load(Acquire) + y.load(Acquire),
                |[x, y]| 10 * y.load(Acquire) + x.load(Acquire),
            ],
        }
    };
    let dpor = Explorer::new().strategy("dpor").schedules(200_000);
    assert!(outcomes(&dpor, &bodies(AcqRel)).contains(&vec![0, 0, 10, 10]));
    assert!(!outcomes(&dpor, &bodies(SeqCst)).contains(&vec![0, 0, 10, 10]));
}

#[test]
fn updates_are_one_step() {
    check(
        &[
            |[x, _]| x.fetch_add(1, Relaxed),
            |[x, _]| x.fetch_add(1, Relaxed),
        ],
        &[&[0, 1], &[1, 0]],
    );
}

#[test]
fn without_it_atomics_are_sequentially_consistent() {
    let explorer = Explorer::new().strategy("dpor").weak_memory(false);
    let bodies: [Body; 2] = [
        |[x, y]| {
            x.store(1, Relaxed);
            y.load(Relaxed)
        },
        |[x, y]| {
            y.store(1, Relaxed);
            x.load(Relaxed)
        },
    ];
    assert!(!outcomes(&explorer, &bodies).contains(&vec![0, 0]));
    assert!(outcomes(&explorer.weak_memory(true), &bodies).contains(&vec![0, 0]));
}

#[test]
fn who_waits_in_a_loop_gets_on() {
    for strategy in ["portfolio", "random", "pct", "dpor", "round-robin"] {
        let exploration = Explorer::new().strategy(strategy).schedules(500).run(|| {
            let [flag, data] = &<[AtomicUsize; 2]>::default();
            thread::scope(|scope| {
                scope.spawn(|| {
                    data.store(1, Relaxed);
                    flag.store(1, Release);
                });
                while flag.load(Acquire) == 0 {
                    thread::yield_now();
                }
                assert_eq!(data.load(Relaxed), 1);
            });
        });
        assert!(
            exploration.findings().is_empty(),
            "{strategy}: {exploration}"
        );
    }
}

#[test]
fn who_has_joined_sees_all() {
    let exploration = Explorer::new().strategy("dpor").run(|| {
        let [x, _] = &<[AtomicUsize; 2]>::default();
        thread::scope(|scope| {
            let other = scope.spawn(|| x.store(1, Relaxed));
            other.join().unwrap();
            assert_eq!(x.load(Relaxed), 1);
        });
        assert_eq!(x.load(Relaxed), 1);
    });
    assert!(
        exploration.exhausted && exploration.findings().is_empty(),
        "{exploration}"
    );
}

#[test]
fn an_old_value_is_told_in_the_schedule() {
    let exploration = Explorer::new().run(|| {
        let [data, flag] = &<[AtomicUsize; 2]>::default();
        thread::scope(|scope| {
            scope.spawn(|| {
                data.store(7, Relaxed);
                flag.store(1, Relaxed);
            });
            if flag.load(Relaxed) == 1 {
                assert_eq!(data.load(Relaxed), 7);
            }
        });
    });
    let [shown] = exploration.findings() else {
        panic!("{exploration}");
    };
    assert!(
        shown
            .text
            .contains("reads `data`: 0, although 7 was stored at line"),
        "{}",
        shown.text
    );
    assert!(shown.text.contains("`Relaxed` orders nothing"));
}

/// What is said of a failure besides, without the places.
fn help(program: impl Fn() + Send + Sync + Copy) -> String {
    let exploration = Explorer::new().run(program);
    let [shown] = exploration.findings() else {
        panic!("{exploration}");
    };
    let helps = |text: &str| -> Vec<String> {
        let lines = text.split_once("= help: ").map_or("", |(_, help)| help);
        let words = lines.lines().next().unwrap_or_default().split(' ');
        words
            .filter(|word| word.starts_with('`'))
            .map(str::to_owned)
            .collect()
    };
    let replay = Explorer::new().replay(shown.replay.as_deref().unwrap());
    let again = replay.run(program);
    assert_eq!(helps(&again.findings()[0].text), helps(&shown.text));
    helps(&shown.text).join(" ")
}

fn pass(store: Ordering, load: Ordering) {
    let [data, flag] = &<[AtomicUsize; 2]>::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            data.store(7, Relaxed);
            flag.store(1, store);
        });
        if flag.load(load) == 1 {
            assert_eq!(data.load(Relaxed), 7);
        }
    });
}

#[test]
fn the_cure_is_found_by_trying() {
    assert_eq!(help(|| pass(Relaxed, Relaxed)), "`Release` `Acquire`");
    assert_eq!(help(|| pass(Release, Relaxed)), "`Acquire`");
    assert_eq!(help(|| pass(Relaxed, SeqCst)), "`Release`");
}

#[test]
fn the_cure_of_store_buffering_is_one_order_of_all() {
    let program = || {
        let [x, y] = &<[AtomicUsize; 2]>::default();
        let read = thread::scope(|scope| {
            let other = scope.spawn(|| {
                x.store(1, Release);
                y.load(Acquire)
            });
            y.store(1, Release);
            x.load(Acquire) + other.join().unwrap()
        });
        assert_ne!(read, 0);
    };
    assert_eq!(help(program), "`SeqCst` `SeqCst` `SeqCst` `SeqCst`");
}

#[test]
fn a_fence_is_made_stronger_too() {
    let program = || {
        let [x, y] = &<[AtomicUsize; 2]>::default();
        let read = thread::scope(|scope| {
            let other = scope.spawn(|| {
                x.store(1, Relaxed);
                fence(AcqRel);
                y.load(Relaxed)
            });
            y.store(1, Relaxed);
            fence(SeqCst);
            x.load(Relaxed) + other.join().unwrap()
        });
        assert_ne!(read, 0);
    };
    assert_eq!(help(program), "`SeqCst`");
}

#[test]
fn what_fails_without_old_values_has_no_such_cure() {
    let program = || {
        let [x, y] = &<[AtomicUsize; 2]>::default();
        thread::scope(|scope| {
            scope.spawn(|| x.store(1, Relaxed));
            y.store(1, Relaxed);
            assert_eq!(x.load(Relaxed), 0);
        });
    };
    assert_eq!(help(program), "");
}

/// The last one to drop it looks at what others have stored, which only the count of the `Arc`s orders.
#[test]
fn who_drops_the_last_arc_sees_all() {
    struct Queue(AtomicUsize);
    impl Queue {
        fn len(&self) -> usize {
            self.0.load(Relaxed)
        }
    }
    impl Drop for Queue {
        fn drop(&mut self) {
            assert_eq!(self.len(), 2);
        }
    }
    let exploration = Explorer::new().schedules(3_000).run(|| {
        let queue = Arc::new(Queue(AtomicUsize::new(0)));
        let put = |queue: Arc<Queue>| {
            move || {
                let len = queue.0.fetch_add(1, Relaxed);
                assert!(queue.len() >= len);
                thread::yield_now();
            }
        };
        drop(thread::spawn(put(Arc::clone(&queue))));
        drop(thread::spawn(put(queue)));
    });
    assert!(
        exploration.findings().is_empty(),
        "{}",
        exploration.findings()[0].text
    );
    assert!(exploration.obstacle.is_none());
}

/// A counter that is given back, and another one in its place, which another thread makes for itself.
#[test]
fn memory_that_is_used_again_has_no_past() {
    let exploration = Explorer::new().strategy("random").run(|| {
        let work = || {
            thread::park_timeout(std::time::Duration::ZERO);
            // As large as nothing else, so that the second thread gets the memory of the first.
            let all: Box<[AtomicUsize; 123]> =
                Box::new(std::array::from_fn(|_| AtomicUsize::new(0)));
            let pending = &all[0];
            assert_eq!(pending.load(Relaxed), 0);
            pending.store(1, Relaxed);
            pending.store(0, Relaxed);
        };
        let threads = [thread::spawn(work), thread::spawn(work)];
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
    });
    assert!(
        exploration.findings().is_empty(),
        "{}",
        exploration.findings()[0].text
    );
}

/// Who sleeps while nothing else happens sees all that was stored before.
#[test]
fn old_values_do_not_outlive_the_passing_of_time() {
    use std::time::Duration;
    let exploration = Explorer::new().schedules(200).run(|| {
        let flag = Arc::new(AtomicUsize::new(0));
        let other = Arc::clone(&flag);
        let sets = thread::spawn(move || other.store(1, Relaxed));
        thread::sleep(Duration::from_millis(100));
        assert_eq!(flag.load(Relaxed), 1);
        sets.join().unwrap();
    });
    assert!(exploration.findings().is_empty(), "{exploration:?}");
}
