//! Explored runs.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use unsnarl::sync::atomic::{AtomicBool, AtomicUsize};
use unsnarl::sync::mpsc::{channel, sync_channel};
use unsnarl::sync::{Barrier, Condvar, Mutex, Once, OnceLock, RwLock};
use unsnarl::{Exploration, Explorer, thread};

const STRATEGIES: &[&str] = &[
    "portfolio",
    "random",
    "pct",
    "pos",
    "surw",
    "urw",
    "dfs",
    "dpor",
];

/// The findings of a program under each strategy.
fn slugs(program: impl Fn() + Send + Sync + Copy) -> Vec<String> {
    let of = |exploration: &Exploration| {
        let slugs = exploration
            .findings()
            .iter()
            .map(|shown| shown.slug.clone());
        slugs.collect::<Vec<_>>().join(" ")
    };
    let run = |strategy: &&str| {
        let exploration = Explorer::new()
            .schedules(500)
            .strategy(strategy)
            .run(program);
        assert_eq!(exploration.obstacle, None, "{strategy}");
        of(&exploration)
    };
    STRATEGIES.iter().map(run).collect()
}

#[track_caller]
fn finds(slug: &str, program: impl Fn() + Send + Sync + Copy) {
    let found = slugs(program);
    let missed: Vec<_> = STRATEGIES
        .iter()
        .zip(&found)
        .filter(|(_, found)| !found.contains(slug))
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
    replays(slug, program);
}

/// The token of what is found shows it again, and again.
#[track_caller]
fn replays(slug: &str, program: impl Fn() + Send + Sync + Copy) {
    let exploration = Explorer::new().schedules(500).run(program);
    let observed = exploration
        .findings()
        .iter()
        .find(|shown| shown.slug == slug);
    let Some(token) = observed.and_then(|shown| shown.replay.clone()) else {
        return;
    };
    for _ in 0..3 {
        let again = Explorer::new().replay(&token).run(program);
        assert_eq!(again.obstacle, None);
        assert!(
            again.findings().iter().any(|shown| shown.slug == slug),
            "{token}"
        );
    }
}

#[track_caller]
fn is_silent(program: impl Fn() + Send + Sync + Copy) {
    assert_eq!(slugs(program), vec![String::new(); STRATEGIES.len()]);
}

#[track_caller]
fn exhaust(program: impl Fn() + Send + Sync) -> (usize, usize) {
    let exploration = Explorer::new()
        .schedules(100_000)
        .strategy("dpor")
        .run(program);
    assert_eq!(exploration.obstacle, None);
    assert!(
        exploration.findings().is_empty(),
        "{}",
        exploration.findings()[0].text
    );
    assert!(exploration.exhausted, "{exploration}");
    (exploration.schedules, exploration.distinct)
}

fn locked_counter(threads: usize) {
    let counter = Arc::new(Mutex::new(0));
    let add = |_| {
        let counter = Arc::clone(&counter);
        thread::spawn(move || *counter.lock().unwrap() += 1)
    };
    let handles: Vec<_> = (0..threads).map(add).collect();
    handles
        .into_iter()
        .for_each(|handle| handle.join().unwrap());
    assert_eq!(*counter.lock().unwrap(), threads);
}

#[test]
fn locked_counters_are_exhausted_in_as_many_schedules_as_permutations() {
    assert_eq!(exhaust(|| locked_counter(3)), (6, 6));
    assert_eq!(exhaust(|| locked_counter(4)), (24, 24));
}

#[test]
fn disjoint_writes_need_one_schedule() {
    let program = || {
        let write = |_| {
            thread::spawn(|| {
                let own = AtomicUsize::new(0);
                own.store(1, SeqCst);
                own.store(2, SeqCst);
            })
        };
        let handles: Vec<_> = (0..3).map(write).collect();
        handles
            .into_iter()
            .for_each(|handle| handle.join().unwrap());
    };
    assert_eq!(exhaust(program), (1, 1));
}

fn count_up(counter: &AtomicUsize) {
    let seen = counter.load(SeqCst);
    counter.store(seen + 1, SeqCst);
}

fn lost_update() {
    let counter = Arc::new(AtomicUsize::new(0));
    let other = Arc::clone(&counter);
    let handle = thread::spawn(move || count_up(&other));
    count_up(&counter);
    handle.join().unwrap();
    assert_eq!(counter.load(SeqCst), 2);
}

#[test]
fn a_lost_update_is_found() {
    finds("panic", lost_update);
    let exploration = Explorer::new().run(lost_update);
    assert_eq!(exploration.findings()[0].preemptions, 1);
    assert!(
        exploration.findings()[0].text.contains("assertion"),
        "{}",
        exploration.findings()[0].text
    );
}

#[test]
fn an_atomic_update_is_not_lost() {
    is_silent(|| {
        let counter = Arc::new(AtomicUsize::new(0));
        let other = Arc::clone(&counter);
        let handle = thread::spawn(move || other.fetch_add(1, SeqCst));
        counter.fetch_add(1, SeqCst);
        handle.join().unwrap();
        assert_eq!(counter.load(SeqCst), 2);
    });
}

#[test]
fn opposite_orders_deadlock() {
    finds("deadlock", || {
        let (a, b) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
        let (a2, b2) = (Arc::clone(&a), Arc::clone(&b));
        let handle = thread::spawn(move || {
            let _b = b2.lock().unwrap();
            let _a = a2.lock().unwrap();
        });
        {
            let _a = a.lock().unwrap();
            let _b = b.lock().unwrap();
        }
        handle.join().unwrap();
    });
}

#[test]
fn opposite_orders_are_seen_from_the_plain_schedule() {
    let exploration = Explorer::new().schedules(1).run(|| {
        let (a, b) = (Mutex::new(0), Mutex::new(0));
        thread::scope(|scope| {
            scope.spawn(|| {
                let _a = a.lock().unwrap();
                let _b = b.lock().unwrap();
            });
            scope.spawn(|| {
                let _b = b.lock().unwrap();
                let _a = a.lock().unwrap();
            });
        });
    });
    assert_eq!(exploration.findings()[0].slug, "lock-order-cycle");
    assert!(!exploration.findings()[0].is_observed);
}

#[test]
fn a_lock_asked_for_twice_is_a_self_deadlock() {
    finds("self-deadlock", || {
        let lock = Mutex::new(0);
        let _first = lock.lock().unwrap();
        let _second = lock.lock().unwrap();
    });
}

#[test]
fn readers_that_queue_behind_a_writer_deadlock() {
    finds("deadlock", || {
        let lock = RwLock::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                let _outer = lock.read().unwrap();
                let _inner = lock.read().unwrap();
            });
            scope.spawn(|| *lock.write().unwrap() += 1);
        });
    });
}

#[test]
fn read_write_locks_keep_their_promise() {
    is_silent(|| {
        let lock = RwLock::new((0, 0));
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut both = lock.write().unwrap();
                both.0 += 1;
                thread::yield_now();
                both.1 += 1;
            });
            scope.spawn(|| {
                let both = lock.read().unwrap();
                assert_eq!(both.0, both.1);
            });
        });
    });
}

struct Flag {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Flag {
    fn new() -> Self {
        Self {
            is_set: Mutex::new(false),
            changed: Condvar::new(),
        }
    }
}

#[test]
fn a_flag_set_without_its_lock_loses_a_wake_up() {
    finds("deadlock", || {
        let (lock, changed, is_set) = (Mutex::new(()), Condvar::new(), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                is_set.store(true, SeqCst);
                changed.notify_one();
            });
            let mut guard = lock.lock().unwrap();
            while !is_set.load(SeqCst) {
                guard = changed.wait(guard).unwrap();
            }
        });
    });
}

#[test]
fn a_flag_set_with_its_lock_does_not() {
    is_silent(|| {
        let flag = Flag::new();
        thread::scope(|scope| {
            scope.spawn(|| {
                *flag.is_set.lock().unwrap() = true;
                flag.changed.notify_one();
            });
            let guard = flag.is_set.lock().unwrap();
            let guard = flag.changed.wait_while(guard, |is_set| !*is_set).unwrap();
            assert!(*guard);
        });
    });
}

#[test]
fn a_wait_with_timeout_ends_when_nothing_else_can_happen() {
    is_silent(|| {
        let flag = Flag::new();
        let mut guard = flag.is_set.lock().unwrap();
        loop {
            let hour = Duration::from_secs(3600);
            let (woken, result) = flag.changed.wait_timeout(guard, hour).unwrap();
            guard = woken;
            if result.timed_out() {
                break;
            }
        }
        let wait = flag
            .changed
            .wait_timeout_while(guard, Duration::from_secs(3600), |is_set| !*is_set);
        assert!(wait.unwrap().1.timed_out());
        thread::sleep(Duration::from_secs(3600));
        thread::park_timeout(Duration::from_secs(3600));
        let (_sender, receiver) = channel::<u8>();
        assert!(receiver.recv_timeout(Duration::from_secs(3600)).is_err());
    });
}

#[test]
fn a_notification_wakes_any_one_sleeper() {
    let program = || {
        let flag = Flag::new();
        let first = AtomicUsize::new(0);
        thread::scope(|scope| {
            for number in 1..3 {
                let (flag, first) = (&flag, &first);
                scope.spawn(move || {
                    let guard = flag.is_set.lock().unwrap();
                    let guard = flag.changed.wait_while(guard, |is_set| !*is_set).unwrap();
                    let _ = first.compare_exchange(0, number, SeqCst, SeqCst);
                    drop(guard);
                    flag.changed.notify_one();
                });
            }
            *flag.is_set.lock().unwrap() = true;
            flag.changed.notify_one();
        });
        first.load(SeqCst)
    };
    for wanted in [1, 2] {
        let exploration = Explorer::new()
            .strategy("random")
            .run(|| assert_ne!(program(), wanted));
        assert_eq!(exploration.findings().len(), 1, "{wanted} is never first");
    }
}

#[test]
fn channels_hand_over_what_is_sent() {
    is_silent(|| {
        let (sender, receiver) = channel();
        let other = sender.clone();
        thread::scope(|scope| {
            scope.spawn(move || sender.send(1).unwrap());
            scope.spawn(move || other.send(2).unwrap());
            let sum: i32 = receiver.iter().sum();
            assert_eq!(sum, 3);
        });
    });
}

#[test]
fn full_channels_and_channels_without_room_wait() {
    for bound in [0, 1] {
        let exploration = Explorer::new().run(|| {
            let (sender, receiver) = sync_channel(bound);
            let sent = AtomicUsize::new(0);
            thread::scope(|scope| {
                scope.spawn(|| {
                    for number in 0..3 {
                        sender.send(number).unwrap();
                        sent.fetch_add(1, SeqCst);
                    }
                });
                for number in 0..3 {
                    assert!(sent.load(SeqCst) <= number + bound);
                    assert_eq!(receiver.recv(), Ok(number));
                }
            });
            assert!(receiver.try_recv().is_err());
        });
        assert!(
            exploration.findings().is_empty(),
            "{}",
            exploration.findings()[0].text
        );
    }
}

#[test]
fn a_receiver_that_nobody_serves_is_stuck() {
    finds("deadlock", || {
        let (sender, receiver) = channel::<u8>();
        let handle = thread::spawn(move || receiver.recv());
        let kept = sender.clone();
        let _ = handle.join();
        drop((sender, kept));
    });
}

#[test]
fn a_dropped_end_is_noticed() {
    is_silent(|| {
        let (sender, receiver) = channel::<u8>();
        let handle = thread::spawn(move || receiver.recv().is_err());
        drop(sender);
        assert!(handle.join().unwrap());
        let (sender, receiver) = sync_channel(0);
        let handle = thread::spawn(move || sender.send(1).is_err());
        drop(receiver);
        assert!(handle.join().unwrap());
    });
}

#[test]
fn parked_threads_go_on_when_unparked() {
    is_silent(|| {
        let is_set = Arc::new(AtomicBool::new(false));
        let main = thread::current();
        let other = Arc::clone(&is_set);
        let handle = thread::spawn(move || {
            other.store(true, SeqCst);
            main.unpark();
        });
        while !is_set.load(SeqCst) {
            thread::park();
        }
        handle.join().unwrap();
    });
}

#[test]
fn barriers_let_all_go_at_once() {
    is_silent(|| {
        let (barrier, arrived) = (Barrier::new(3), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    arrived.fetch_add(1, SeqCst);
                    barrier.wait();
                    assert_eq!(arrived.load(SeqCst), 3);
                });
            }
        });
    });
    finds("deadlock", || {
        let barrier = Barrier::new(3);
        thread::scope(|scope| {
            scope.spawn(|| barrier.wait());
            scope.spawn(|| barrier.wait());
        });
    });
}

#[test]
fn once_cells_are_initialised_once() {
    is_silent(|| {
        let (once, cell, count) = (Once::new(), OnceLock::new(), AtomicUsize::new(0));
        thread::scope(|scope| {
            for number in 0..2 {
                let (once, cell, count) = (&once, &cell, &count);
                scope.spawn(move || {
                    once.call_once(|| {
                        count.fetch_add(1, SeqCst);
                    });
                    assert_eq!(count.load(SeqCst), 1);
                    let value = *cell.get_or_init(|| {
                        thread::yield_now();
                        number
                    });
                    assert_eq!(cell.get(), Some(&value));
                });
            }
        });
    });
}

#[test]
fn a_try_that_comes_at_any_moment_can_fail() {
    let program = || {
        let lock = Mutex::new(0);
        thread::scope(|scope| {
            scope.spawn(|| drop(lock.lock().unwrap()));
            lock.try_lock().is_ok()
        })
    };
    for wanted in [true, false] {
        for strategy in ["random", "dfs", "dpor"] {
            let exploration = Explorer::new()
                .strategy(strategy)
                .run(|| assert_ne!(program(), wanted));
            assert_eq!(
                exploration.findings().len(),
                1,
                "{strategy} never sees {wanted}"
            );
        }
    }
}

#[test]
fn spinning_threads_let_others_go_on() {
    is_silent(|| {
        let is_set = Arc::new(AtomicBool::new(false));
        let other = Arc::clone(&is_set);
        let handle = thread::spawn(move || other.store(true, SeqCst));
        while !is_set.load(SeqCst) {
            unsnarl::hint::spin_loop();
        }
        handle.join().unwrap();
    });
    is_silent(|| {
        let is_set = Arc::new(AtomicBool::new(false));
        let other = Arc::clone(&is_set);
        let handle = thread::spawn(move || other.store(true, SeqCst));
        while !is_set.load(SeqCst) {}
        handle.join().unwrap();
    });
}

#[test]
fn trying_for_ever_is_a_livelock() {
    let exploration = Explorer::new().schedules(3).max_steps(2_000).run(|| {
        let is_set = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_set.load(SeqCst) {
                    thread::yield_now()
                }
            });
        });
    });
    assert_eq!(exploration.findings()[0].slug, "livelock");
}

#[test]
fn waiting_without_a_yield_for_what_never_comes_is_a_livelock() {
    let exploration = Explorer::new().schedules(100).max_steps(2_000).run(|| {
        let (one, other) = (AtomicBool::new(false), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                while !one.load(SeqCst) {}
                other.store(true, SeqCst);
            });
            while !other.load(SeqCst) {
                thread::yield_now();
            }
        });
    });
    assert_eq!(exploration.findings()[0].slug, "livelock");
    assert_eq!(exploration.first_finding_at, Some(1));
    assert!(exploration.report.to_string().contains("[livelock]"));
}

#[test]
fn looking_at_much_is_no_livelock() {
    let exploration = Explorer::new().schedules(2).max_steps(100).run(|| {
        let all: Vec<AtomicUsize> = (0..1000).map(AtomicUsize::new).collect();
        assert!(all.iter().all(|one| one.load(SeqCst) < 1000));
    });
    assert!(exploration.findings().is_empty());
}

#[test]
fn a_long_program_is_no_livelock() {
    let exploration = Explorer::new().schedules(2).max_steps(100).run(|| {
        let count = AtomicUsize::new(0);
        (0..1000).for_each(|_| {
            count.fetch_add(1, SeqCst);
        });
    });
    assert!(exploration.findings().is_empty());
}

#[test]
fn statics_and_objects_from_outside_work_in_every_execution() {
    static TOTAL: Mutex<u64> = Mutex::new(0);
    let outside = Mutex::new(0);
    let (sender, receiver) = channel();
    sender.send(1).unwrap();
    let exploration = Explorer::new().schedules(50).strategy("random").run(|| {
        let (sender, receiver, outside) = (sender.clone(), Mutex::new(()), &outside);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    *TOTAL.lock().unwrap() += 1;
                    *outside.lock().unwrap() += 1;
                });
            }
        });
        drop((sender, receiver));
    });
    assert!(
        exploration.findings().is_empty(),
        "{}",
        exploration.findings()[0].text
    );
    // One schedule was run twice more, to see whether it does the same.
    let executions = exploration.schedules as u64 + 2;
    assert_eq!(*TOTAL.lock().unwrap(), 2 * executions);
    assert_eq!(outside.into_inner().unwrap(), 2 * executions);
    assert_eq!(receiver.recv(), Ok(1));
}

#[test]
fn a_static_lock_left_behind_by_a_deadlock_is_free_again() {
    static LOCK: Mutex<u64> = Mutex::new(0);
    let exploration = Explorer::new().schedules(20).keep_going(true).run(|| {
        let _held = LOCK.lock().unwrap();
        let (_sender, receiver) = channel::<u8>();
        let _ = receiver.recv();
    });
    assert_eq!(
        exploration.findings().len(),
        1,
        "{:#?}",
        exploration.findings()
    );
    assert_eq!(exploration.obstacle, None);
    assert!(LOCK.try_lock().is_ok());
}

#[test]
fn a_thread_that_panics_is_a_finding_unless_somebody_hears_of_it() {
    is_silent(|| {
        let panicked = thread::spawn(|| panic!("as expected")).join();
        assert!(panicked.is_err());
    });
    finds("panic", || drop(thread::spawn(|| panic!("unheard"))));
    finds("panic", || {
        thread::spawn(|| panic!("handed on")).join().unwrap()
    });
    finds("panic", || {
        thread::scope(|scope| drop(scope.spawn(|| panic!("scoped"))))
    });
}

#[test]
fn a_poisoned_lock_is_that_of_the_thread_that_panicked() {
    is_silent(|| {
        let lock = Arc::new(Mutex::new(0));
        let other = Arc::new(Mutex::new(0));
        let (lock2, other2) = (Arc::clone(&lock), Arc::clone(&other));
        let handle = thread::spawn(move || {
            let _guard = lock2.lock().unwrap();
            panic!("poison");
        });
        drop(other2.lock().unwrap());
        assert!(handle.join().is_err());
        assert!(lock.is_poisoned());
        assert!(!other.is_poisoned());
    });
}

#[test]
fn a_thread_that_waits_while_it_unwinds_lends_nobody_its_panic() {
    struct Counts(Arc<(Mutex<u32>, Condvar)>);
    impl Drop for Counts {
        fn drop(&mut self) {
            assert!(thread::panicking());
            *self.0.0.lock().unwrap() += 1;
            self.0.1.notify_one();
        }
    }
    is_silent(|| {
        let shared = Arc::new((Mutex::new(0), Condvar::new()));
        let counts = Counts(Arc::clone(&shared));
        let handle = thread::spawn(move || {
            let _counts = counts;
            thread::yield_now();
            panic!("unwinds");
        });
        let (count, changed) = &*shared;
        let mut count = count.lock().unwrap();
        while *count == 0 {
            assert!(!thread::panicking());
            count = changed.wait(count).unwrap();
        }
        assert!(handle.join().is_err());
    });
}

#[test]
fn destructors_that_lock_run_when_an_execution_is_cut_short() {
    struct Locks(Arc<Mutex<u32>>);
    impl Drop for Locks {
        fn drop(&mut self) {
            if let Ok(mut count) = self.0.lock() {
                *count += 1;
            }
        }
    }
    let exploration = Explorer::new().schedules(20).keep_going(true).run(|| {
        let count = Arc::new(Mutex::new(0));
        let (_sender, receiver) = channel::<u8>();
        let _locks = Locks(Arc::clone(&count));
        let held = Arc::clone(&count);
        let handle = thread::spawn(move || {
            let _guard = held.lock();
            let _ = receiver.recv();
        });
        let _ = handle.join();
    });
    assert_eq!(exploration.findings().len(), 1);
    assert_eq!(exploration.findings()[0].slug, "deadlock");
}

#[test]
fn the_same_seed_sees_the_same() {
    let run = || {
        let exploration = Explorer::new()
            .schedules(100)
            .seed(3)
            .keep_going(true)
            .run(lost_update);
        (
            exploration.distinct,
            exploration.first_finding_at,
            exploration.findings()[0].replay.clone(),
        )
    };
    assert_eq!(run(), run());
}

#[test]
fn a_thread_has_the_same_number_in_every_execution() {
    let seen = std::sync::Mutex::new(std::collections::HashSet::new());
    let exploration = Explorer::new().run(|| {
        let here = thread::current().id();
        let handle = thread::spawn(|| thread::current().id());
        let there = handle.thread().id();
        assert_eq!(handle.join().unwrap(), there);
        assert_ne!(here, there);
        locked_counter(2);
        seen.lock().unwrap().insert((here, there));
    });
    assert!(exploration.schedules > 1, "{exploration}");
    assert_eq!(seen.into_inner().unwrap().len(), 1);
}

#[test]
fn a_program_in_which_nothing_is_left_to_choose_has_one_schedule() {
    let total = Mutex::new(0);
    let exploration = Explorer::new().strategy("random").run(|| {
        for _ in 0..1_000 {
            *total.lock().unwrap() += 1;
        }
        thread::spawn(|| ()).join().unwrap();
    });
    assert!(exploration.exhausted, "{exploration}");
    assert_eq!(exploration.schedules, 1);
}

#[test]
fn a_program_that_is_small_is_exhausted_by_default() {
    let exploration = Explorer::new().run(|| locked_counter(3));
    assert!(exploration.exhausted, "{exploration}");
    assert!(
        exploration
            .to_string()
            .contains("all 6 interleavings explored"),
        "{exploration}"
    );
}

#[test]
fn each_thread_has_its_own_locals() {
    unsnarl::thread_local! {
        static COUNT: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
        static NAMES: std::cell::RefCell<Vec<u32>> = std::cell::RefCell::new(vec![COUNT.get()]);
    }
    struct Says(Arc<AtomicUsize>);
    impl Drop for Says {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    unsnarl::thread_local!(static SAYS: std::cell::RefCell<Option<Says>> = const { std::cell::RefCell::new(None) });
    is_silent(|| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let use_them = |dropped: &Arc<AtomicUsize>| {
            assert_eq!(COUNT.replace(1), 0);
            thread::yield_now();
            assert_eq!(COUNT.get(), 1);
            assert_eq!(NAMES.with_borrow(Vec::len), 1);
            SAYS.set(Some(Says(Arc::clone(dropped))));
        };
        let other = Arc::clone(&dropped);
        let handle = thread::spawn(move || use_them(&other));
        use_them(&dropped);
        handle.join().unwrap();
        assert_eq!(dropped.load(SeqCst), 1);
    });
}

#[test]
fn what_failed_once_is_tried_first_the_next_time() {
    let name = "explore::what_failed_once_is_tried_first_the_next_time";
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!(
        "unsnarl-regressions/{}.txt",
        name.replace(':', ".")
    ));
    let _ = std::fs::remove_file(&file);
    let fails = |schedules: usize| {
        std::panic::catch_unwind(|| Explorer::new().schedules(schedules).check(lost_update)).err()
    };
    let message = fails(100).unwrap().downcast::<String>().unwrap();
    assert!(message.contains("error[panic]"), "{message}");
    let tokens = std::fs::read_to_string(&file).unwrap();
    assert_eq!(tokens.lines().count(), 1, "{tokens}");
    let message = fails(0).unwrap().downcast::<String>().unwrap();
    assert!(
        message.contains("error[panic]"),
        "without a schedule of its own it tries those that failed: {message}"
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), tokens);
    std::fs::remove_file(&file).unwrap();
    let _ = std::fs::remove_dir(file.parent().unwrap());
    assert!(fails(1).is_none());
}

#[test]
fn a_token_of_another_program_says_that_it_does_not_fit() {
    let exploration = Explorer::new().replay("1a,m:7=3,3:9=m").run(lost_update);
    let obstacle = exploration.obstacle.unwrap();
    assert!(obstacle.contains("2 of the 2 decisions"), "{obstacle}");
}

#[test]
#[should_panic(expected = "there is no strategy `magic`")]
fn a_strategy_that_there_is_not_is_refused() {
    Explorer::new().strategy("magic").run(|| {});
}

#[test]
fn a_program_that_is_not_deterministic_is_said_to_be() {
    use std::sync::atomic::AtomicUsize as Plain;
    static RUNS: Plain = Plain::new(0);
    let exploration = Explorer::new().run(|| {
        locked_counter(2);
        assert_ne!(RUNS.fetch_add(1, SeqCst), 3);
    });
    let text = &exploration.findings()[0].text;
    assert!(text.contains("the program is not deterministic"), "{text}");
}

#[test]
fn a_deadlock_is_not_told_again_as_a_ring() {
    let exploration = Explorer::new().run(|| {
        let (a, b) = (Mutex::new(0), Mutex::new(0));
        thread::scope(|scope| {
            scope.spawn(|| {
                let _a = a.lock().unwrap();
                let _b = b.lock().unwrap();
            });
            scope.spawn(|| {
                let _b = b.lock().unwrap();
                let _a = a.lock().unwrap();
            });
        });
    });
    let slugs: Vec<_> = exploration
        .findings()
        .iter()
        .map(|shown| &*shown.slug)
        .collect();
    assert_eq!(slugs, ["deadlock"]);
}

#[test]
fn a_ring_that_an_atomic_keeps_apart_is_worth_a_note_only() {
    let exploration = Explorer::new().strategy("dpor").schedules(100_000).run(|| {
        let (a, b, done) = (Mutex::new(0), Mutex::new(0), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                drop((a.lock().unwrap(), b.lock().unwrap()));
                done.store(true, SeqCst);
            });
            scope.spawn(|| {
                if done.load(SeqCst) {
                    drop((b.lock().unwrap(), a.lock().unwrap()));
                }
            });
        });
    });
    assert!(exploration.exhausted);
    let [ring] = exploration.findings() else {
        panic!("{:?}", exploration.findings())
    };
    assert_eq!(ring.slug, "lock-order-cycle");
    assert!(!ring.is_error, "{}", ring.text);
    assert!(ring.text.contains("impossible here: all"), "{}", ring.text);
}

#[test]
#[ignore = "never ends by itself: another test runs it in a process of its own"]
fn a_thread_that_never_comes_back() {
    Explorer::new().run(|| std::thread::sleep(Duration::from_secs(3600)));
}

#[test]
fn a_wait_outside_the_run_ends_the_process_and_says_why() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "explore::a_thread_that_never_comes_back",
            "--ignored",
            "--nocapture",
        ])
        .env("UNSNARL_PATIENCE", "0.5")
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(101), "{words}");
    assert!(words.contains("is not explorable"), "{words}");
}

#[test]
fn a_panic_in_a_destructor_that_runs_when_an_execution_is_cut_short_ends_nothing_else() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic!("in a destructor");
            }
        }
    }
    let exploration = Explorer::new().schedules(5).keep_going(true).run(|| {
        let (_sender, receiver) = channel::<u8>();
        let handle = thread::spawn(move || {
            let _panics = Panics;
            let _ = receiver.recv();
        });
        let _ = handle.join();
    });
    assert_eq!(exploration.findings()[0].slug, "deadlock");
}

#[test]
fn threads_that_start_threads_have_names_that_last() {
    let exploration = Explorer::new().strategy("random").keep_going(true).run(|| {
        let hits = Arc::new(AtomicUsize::new(0));
        let other = Arc::clone(&hits);
        let child = thread::spawn(move || {
            let another = Arc::clone(&other);
            let grandchild = thread::spawn(move || count_up(&another));
            count_up(&other);
            grandchild.join().unwrap();
        });
        count_up(&hits);
        child.join().unwrap();
        assert_eq!(hits.load(SeqCst), 3);
    });
    let token = exploration.findings()[0].replay.as_ref().unwrap();
    assert!(
        token.starts_with("1a") || token.starts_with("1z"),
        "{token}"
    );
}

#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn hash_maps_iterate_the_same_way_in_each_execution() {
    let seen = std::sync::Mutex::new(std::collections::BTreeSet::new());
    let exploration = Explorer::new().strategy("random").schedules(20).run(|| {
        let first: std::collections::HashSet<u32> = (0..50).collect();
        let second = first.clone();
        let third: std::collections::HashSet<u32> = (0..50).collect();
        let order = [first, second, third].map(|set| set.into_iter().collect::<Vec<_>>());
        seen.lock().unwrap().insert(order);
        locked_counter(2);
    });
    assert_eq!(exploration.schedules, 20);
    assert_eq!(seen.into_inner().unwrap().len(), 1);
}

#[test]
fn the_clock_is_virtual() {
    use unsnarl::time::Instant;
    let hour = Duration::from_secs(3600);
    let exploration = Explorer::new().schedules(20).run(|| {
        let start = Instant::now();
        let sleeper = thread::spawn(move || {
            thread::sleep(hour);
            start.elapsed()
        });
        let (_sender, receiver) = channel::<u8>();
        receiver.recv_timeout(hour / 2).unwrap_err();
        assert!((hour / 2..hour).contains(&start.elapsed()));
        let slept = sleeper.join().unwrap();
        assert!(
            (hour..hour + Duration::from_secs(1)).contains(&slept),
            "{slept:?}"
        );
    });
    assert!(exploration.findings().is_empty(), "{exploration:?}");
}

/// Another thread sets the flag, long before the time is up, if it gets the chance.
#[test]
fn who_looks_at_the_clock_again_and_again_waits_for_time_to_pass() {
    use unsnarl::time::Instant;
    for strategy in ["portfolio", "pct", "random"] {
        let exploration = Explorer::new().strategy(strategy).schedules(50).run(|| {
            let start = Instant::now();
            while start.elapsed() < Duration::from_secs(2) {}
            let flag = Arc::new(AtomicBool::new(false));
            let other = Arc::clone(&flag);
            let setter = thread::spawn(move || {
                thread::yield_now();
                other.store(true, SeqCst);
            });
            let deadline = Instant::now() + Duration::from_secs(2);
            while !flag.load(SeqCst) {
                assert!(Instant::now() < deadline, "the time is up");
                thread::yield_now();
            }
            setter.join().unwrap();
        });
        assert!(
            exploration.findings().is_empty(),
            "{strategy}: {exploration:?}"
        );
    }
}

/// What a thread that is never resumed owns is leaked, and what others share with it is not dropped.
#[test]
fn who_is_about_to_use_an_atomic_is_not_unwound() {
    struct Whole<'a>(&'a AtomicUsize, &'a std::sync::atomic::AtomicUsize);
    impl Drop for Whole<'_> {
        fn drop(&mut self) {
            self.1.fetch_add(1, SeqCst);
        }
    }
    let dropped = std::sync::atomic::AtomicUsize::new(0);
    let exploration = Explorer::new().schedules(20).keep_going(true).run(|| {
        let count = Arc::new(AtomicUsize::new(0));
        let others = [(); 2].map(|()| {
            let count = Arc::clone(&count);
            let dropped = &dropped;
            // SAFETY: `dropped` outlives the exploration.
            let dropped: &'static std::sync::atomic::AtomicUsize =
                unsafe { std::mem::transmute(dropped) };
            thread::spawn(move || {
                let whole = Whole(&count, dropped);
                loop {
                    whole.0.fetch_add(1, SeqCst);
                }
            })
        });
        drop(others);
        panic!("while the others work");
    });
    assert_eq!(exploration.findings()[0].slug, "panic");
    assert_eq!(dropped.load(SeqCst), 0);
}

/// A pool that replaces threads that panic would do so for ever when an execution ends.
#[test]
fn threads_that_are_started_when_all_is_over_do_not_run() {
    struct Again(Arc<AtomicUsize>);
    impl Drop for Again {
        fn drop(&mut self) {
            let count = Arc::clone(&self.0);
            thread::spawn(move || work(count));
        }
    }
    fn work(count: Arc<AtomicUsize>) {
        let _again = Again(count);
        thread::park();
    }
    let exploration = Explorer::new().schedules(5).keep_going(true).run(|| {
        let count = Arc::new(AtomicUsize::new(0));
        thread::spawn(move || work(count));
        thread::spawn(thread::park).join().unwrap();
    });
    assert_eq!(exploration.findings()[0].slug, "deadlock");
}

#[test]
fn the_same_workers_find_the_same() {
    let explore = |jobs| {
        let explorer = Explorer::new().strategy("random").seed(7).schedules(50);
        explorer.jobs(jobs).keep_going(true).run(lost_update)
    };
    let (first, second) = (explore(3), explore(3));
    assert_eq!((first.schedules, second.schedules), (50, 50));
    let facts = |exploration: &unsnarl::Exploration| {
        let tokens: Vec<_> = exploration
            .findings()
            .iter()
            .map(|shown| shown.replay.clone())
            .collect();
        (exploration.distinct, exploration.first_finding_at, tokens)
    };
    assert_eq!(facts(&first), facts(&second));
    assert_eq!(first.findings().len(), 1);
    assert!(first.first_finding_at.is_some());
    let alone = explore(1);
    assert_eq!(alone.schedules, 50);
    assert_eq!(alone.distinct, first.distinct);
}
