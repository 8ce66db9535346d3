//! Programs under loom: what it finds through the paths of this crate, and what is no bug. Each run is exhausted, or ends
//! with the finding.

#![cfg(all(feature = "loom", not(feature = "observe")))]

use std::cell::{Cell, RefCell};
use std::time::Duration;

use unsnarl::cell::RaceCell;
use unsnarl::future::{block_on, yield_now};
use unsnarl::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};
use unsnarl::sync::atomic::{AtomicBool, AtomicUsize, fence};
use unsnarl::sync::{Arc, Barrier, Condvar, LazyLock, Mutex, OnceLock, RwLock, mpsc};
use unsnarl::thread;
use unsnarl::{Exploration, Explorer};

fn run(program: impl Fn() + Send + Sync) -> Exploration {
    Explorer::new().run(program)
}

/// All executions are right.
#[track_caller]
fn passes(program: impl Fn() + Send + Sync) {
    let exploration = run(program);
    assert!(exploration.exhausted, "{}{exploration}", exploration.report);
}

/// One of them is wrong, with this finding.
#[track_caller]
fn fails(slug: &str, words: &str, program: impl Fn() + Send + Sync) {
    let exploration = run(program);
    let [shown] = exploration.findings() else {
        panic!("{slug} is not found: {}{exploration}", exploration.report);
    };
    assert_eq!(shown.slug, slug, "{}", shown.text);
    assert!(shown.text.contains(words), "{}", shown.text);
    assert_eq!(exploration.first_finding_at, Some(exploration.schedules));
}

/// Loom cannot take it.
#[track_caller]
fn is_refused(words: &str, program: impl Fn() + Send + Sync) {
    let exploration = run(program);
    let obstacle = exploration.obstacle.clone().unwrap_or_default();
    assert!(
        obstacle.contains(words),
        "{obstacle}{}{exploration}",
        exploration.report
    );
    assert!(exploration.findings().is_empty());
}

/// ```text
/// t1: data = 42   flag = true        (order)
/// t2:                       flag?   data
/// ```
fn publish(order: Ordering) {
    let (data, flag) = (RaceCell::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            // SAFETY: it is a race on purpose, where the order is `Relaxed`.
            unsafe { data.set(42) };
            flag.store(true, order);
        });
        if flag.load(Acquire) {
            // SAFETY: as above.
            assert_eq!(unsafe { data.get() }, 42);
        }
    });
}

#[test]
fn what_is_published_with_release_is_seen() {
    passes(|| publish(Release));
}

/// ```text
/// t1: x = 1   y?        both see 0, unless the order is `SeqCst`
/// t2: y = 1   x?
/// ```
fn store_buffering(store: Ordering, load: Ordering) {
    let (x, y) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            x.store(1, store);
            y.load(load)
        });
        y.store(1, store);
        let seen = x.load(load);
        assert_ne!(
            seen + other.join().unwrap(),
            0,
            "both have missed the other"
        );
    });
}

#[test]
fn stores_are_buffered_unless_all_is_sequential() {
    fails("panic", "both have missed the other", || {
        store_buffering(Release, Acquire)
    });
    passes(|| store_buffering(SeqCst, SeqCst));
}

/// Two readers see two writes in opposite orders, which `SeqCst` forbids.
#[test]
fn independent_reads_of_independent_writes_agree() {
    passes(|| {
        let (x, y) = (&AtomicUsize::new(0), &AtomicUsize::new(0));
        thread::scope(|scope| {
            scope.spawn(|| x.store(1, SeqCst));
            scope.spawn(|| y.store(1, SeqCst));
            let other = scope.spawn(|| (x.load(SeqCst), y.load(SeqCst)));
            let (second, first) = (y.load(SeqCst), x.load(SeqCst));
            let disagree = (second, first) == (1, 0) && other.join().unwrap() == (1, 0);
            assert!(!disagree, "the readers disagree");
        });
    });
}

fn count(add: fn(&AtomicUsize)) {
    let counter = AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(|| add(&counter));
        add(&counter);
    });
    assert_eq!(counter.into_inner(), 2, "an update is lost");
}

#[test]
fn updates_in_two_steps_are_lost() {
    fails("panic", "an update is lost", || {
        count(|counter| counter.store(counter.load(Relaxed) + 1, Relaxed));
    });
    passes(|| count(|counter| _ = counter.fetch_add(1, Relaxed)));
}

/// A store is not lost between two swaps, where loom's own may be.
#[test]
fn a_store_is_not_lost_between_swaps() {
    passes(|| {
        let (flag, lock) = (&AtomicBool::new(false), &Mutex::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                flag.store(true, Release);
                *lock.lock().unwrap() = true;
            });
            let mut seen = flag.swap(false, Acquire);
            seen |= flag.swap(false, Acquire);
            let is_stored = *lock.lock().unwrap();
            seen |= flag.swap(false, AcqRel);
            assert!(seen || !is_stored, "the store is lost");
        });
    });
}

#[test]
fn fences_order_what_is_relaxed() {
    passes(|| {
        let (data, flag) = (RaceCell::new(0), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                // SAFETY: who reads it has seen the flag.
                unsafe { data.set(42) };
                fence(Release);
                flag.store(true, Relaxed);
            });
            if flag.load(Relaxed) {
                fence(Acquire);
                // SAFETY: who writes it has set the flag.
                assert_eq!(unsafe { data.get() }, 42);
            }
        });
    });
}

#[test]
fn rings_of_counts_are_told_with_their_maker() {
    struct Node(Mutex<Option<Arc<Node>>>);
    let ring = |is_broken: bool| {
        let node = Arc::new(Node(Mutex::new(None)));
        *node.0.lock().unwrap() = Some(Arc::clone(&node));
        if is_broken {
            node.0.lock().unwrap().take();
        }
    };
    fails("leaked-value", "modelled.rs", || ring(false));
    passes(|| ring(true));
}

#[test]
fn a_panic_is_told_unless_somebody_was_told_who_joined() {
    passes(|| assert!(thread::spawn(|| panic!("expected")).join().is_err()));
    fails("panic", "nobody hears", || {
        drop(thread::spawn(|| panic!("nobody hears")))
    });
    fails("panic", "the first", || {
        thread::spawn(|| panic!("the first")).join().unwrap()
    });
    passes(|| {
        let caught = std::panic::catch_unwind(|| {
            thread::scope(|scope| drop(scope.spawn(|| panic!("expected"))));
        });
        assert!(caught.is_err());
    });
}

#[test]
fn channels_end_with_their_senders_and_receivers() {
    passes(|| {
        let (sender, receiver) = mpsc::channel();
        let thread = thread::spawn(move || sender.send(1).unwrap());
        assert_eq!(receiver.iter().sum::<i32>(), 1);
        thread.join().unwrap();
    });
    passes(|| {
        let (sender, receiver) = mpsc::sync_channel(0);
        let thread = thread::spawn(move || (receiver.recv(), drop(receiver)));
        assert_eq!(sender.send(1), Ok(()));
        assert!(sender.send(2).is_err());
        assert_eq!(thread.join().unwrap().0, Ok(1));
    });
    passes(|| {
        let (sender, receiver) = mpsc::sync_channel(1);
        assert_eq!(sender.try_send(1), Ok(()));
        assert!(sender.try_send(2).is_err());
        assert_eq!(receiver.try_recv(), Ok(1));
        assert!(receiver.recv_timeout(Duration::from_secs(1)).is_err());
    });
}

#[test]
fn barriers_have_one_leader() {
    passes(|| {
        let (barrier, leaders) = (Barrier::new(2), AtomicUsize::new(0));
        let wait = || {
            if barrier.wait().is_leader() {
                leaders.fetch_add(1, Relaxed);
            }
        };
        thread::scope(|scope| {
            scope.spawn(wait);
            wait();
        });
        assert_eq!(leaders.into_inner(), 1);
    });
}

#[test]
fn cells_are_set_once() {
    passes(|| {
        let (cell, calls) = (OnceLock::new(), AtomicUsize::new(0));
        let lazy = LazyLock::new(|| calls.fetch_add(1, Relaxed));
        thread::scope(|scope| {
            let other = scope.spawn(|| *cell.get_or_init(|| 1) + *lazy);
            let own = *cell.get_or_init(|| 2) + *lazy;
            assert_eq!(other.join().unwrap(), own);
        });
        assert_eq!(calls.load(Relaxed), 1);
    });
}

#[test]
fn the_time_of_a_wait_is_over() {
    passes(|| {
        let (ready, condvar) = (Mutex::new(false), Condvar::new());
        let guard = ready.lock().unwrap();
        let (guard, result) = condvar.wait_timeout(guard, Duration::from_secs(1)).unwrap();
        assert!(result.timed_out() && !*guard);
        thread::park_timeout(Duration::from_secs(1));
        thread::sleep(Duration::from_secs(1));
    });
}

#[test]
fn tasks_are_woken() {
    passes(|| {
        let sum = block_on(async {
            let one = unsnarl::future::spawn(async { 1 });
            yield_now().await;
            one.await.unwrap() + 1
        });
        assert_eq!(sum, 2);
    });
}

unsnarl::thread_local! {
    static OWN: Cell<u8> = const { Cell::new(1) };
    static NAME: RefCell<String> = RefCell::default();
}

#[test]
fn each_thread_has_its_own_values_in_each_execution() {
    passes(|| {
        assert_eq!(OWN.replace(2), 1);
        NAME.set("main".to_owned());
        let other = thread::spawn(|| (OWN.get(), NAME.take()));
        assert_eq!(other.join().unwrap(), (1, String::new()));
        NAME.with_borrow(|name| assert_eq!(name, "main"));
    });
}

#[test]
fn readers_share() {
    passes(|| {
        let lock = RwLock::new(1);
        thread::scope(|scope| {
            scope.spawn(|| *lock.write().unwrap() += 1);
            assert!(*lock.read().unwrap() > 0);
        });
        assert_eq!(lock.into_inner().unwrap(), 2);
    });
}

#[test]
fn more_threads_than_loom_takes_are_refused() {
    passes(|| (0..4).for_each(|_| thread::spawn(|| ()).join().unwrap()));
    is_refused("more than 4 threads", || {
        (0..5).for_each(|_| drop(thread::spawn(|| ())))
    });
}

#[test]
fn loops_wait_with_a_word() {
    let wait = |pause: fn()| {
        let flag = Box::leak(Box::new(AtomicBool::new(false)));
        let flag: &AtomicBool = flag;
        let thread = thread::spawn(|| flag.store(true, Release));
        while !flag.load(Acquire) {
            pause();
        }
        thread.join().unwrap();
    };
    passes(|| wait(unsnarl::hint::spin_loop));
    is_refused("more steps", || wait(|| ()));
}

#[test]
fn a_program_that_differs_is_refused() {
    let executions = std::sync::atomic::AtomicUsize::new(0);
    is_refused("not do the same", || {
        let flag = &AtomicUsize::new(0);
        thread::scope(|scope| {
            scope.spawn(|| flag.store(1, Relaxed));
            if executions.fetch_add(1, Relaxed).is_multiple_of(2) {
                let _ = (flag.load(Relaxed), flag.load(Relaxed));
            }
            flag.fetch_add(1, Relaxed);
        });
    });
}

#[test]
fn limits_are_kept_and_said() {
    let program = || count(|counter| _ = counter.fetch_add(1, Relaxed));
    let all = run(program).schedules;
    for (limit, exhausted) in [(all - 1, false), (all, true)] {
        let exploration = Explorer::new().schedules(limit).run(program);
        assert_eq!(exploration.exhausted, exhausted, "{exploration}");
    }
    let exploration = Explorer::new().time(Duration::ZERO).run(program);
    assert!(!exploration.exhausted && exploration.schedules <= 1);
}

#[test]
fn a_failed_model_leaves_nothing_behind() {
    for _ in 0..3 {
        fails("data-race", "with nothing to order them", || {
            publish(Relaxed)
        });
        passes(|| publish(Release));
    }
}
