//! Rings of locks that could deadlock: whether they do.

use unsnarl::sync::mpsc::channel;
use unsnarl::sync::{Mutex, RwLock};
use unsnarl::{Explorer, Shown, thread};

/// The only finding, after so many schedules of a strategy that never tries all.
fn found(schedules: usize, strategy: &str, program: impl Fn() + Send + Sync) -> Shown {
    let explorer = Explorer::new().schedules(schedules).strategy(strategy);
    let exploration = explorer.run(program);
    let [shown] = exploration.findings() else {
        panic!("{exploration}");
    };
    shown.clone()
}

/// Two threads that take two locks in opposite orders, each after and before much else.
fn opposite_orders_in_a_crowd() {
    let (a, b, busy) = (&Mutex::new(0), &Mutex::new(0), &Mutex::new(0));
    let work = || (0..20).for_each(|_| *busy.lock().unwrap() += 1);
    thread::scope(|scope| {
        scope.spawn(move || {
            let a = a.lock().unwrap();
            drop((b.lock().unwrap(), a));
            work();
        });
        scope.spawn(move || {
            work();
            let b = b.lock().unwrap();
            drop((a.lock().unwrap(), b));
        });
    });
}

#[test]
fn a_ring_is_steered_to_until_it_locks_up() {
    // One thread after the other: never both in the middle.
    for strategy in ["round-robin", "dfs", "portfolio"] {
        let shown = found(8, strategy, opposite_orders_in_a_crowd);
        assert_eq!(shown.slug, "deadlock", "{strategy}");
        assert!(shown.is_observed);
        assert!(shown.text.contains("to see it again"), "{}", shown.text);
        let token = shown.replay.unwrap();
        let again = Explorer::new()
            .replay(&token)
            .run(opposite_orders_in_a_crowd);
        assert_eq!(again.findings()[0].slug, "deadlock", "{token}");
    }
}

#[test]
fn readers_are_held_back_until_a_writer_queues() {
    let program = || {
        let lock = &RwLock::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                let outer = lock.read().unwrap();
                drop((lock.read().unwrap(), outer));
            });
            scope.spawn(|| *lock.write().unwrap() += 1);
        });
    };
    let shown = found(20, "dfs", program);
    assert_eq!(shown.slug, "deadlock");
}

/// Opposite orders, of which a message sees to it that they never meet.
fn opposite_orders_one_after_the_other() {
    let (a, b) = (&Mutex::new(0), &Mutex::new(0));
    let (done, is_done) = channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            let first = a.lock().unwrap();
            drop((b.lock().unwrap(), first));
            done.send(()).unwrap();
        });
        is_done.recv().unwrap();
        let first = b.lock().unwrap();
        drop((a.lock().unwrap(), first));
    });
}

#[test]
fn a_ring_that_cannot_lock_up_is_called_impossible() {
    for strategy in ["portfolio", "dpor", "dfs"] {
        let shown = found(1_000, strategy, opposite_orders_one_after_the_other);
        assert_eq!(shown.slug, "lock-order-cycle");
        assert!(!shown.is_error, "{strategy}: {}", shown.text);
        let words = "impossible here: all";
        assert!(shown.text.contains(words), "{strategy}: {}", shown.text);
    }
}

#[test]
fn a_ring_that_is_not_reached_is_told_as_such() {
    let beside_another_thread = || {
        let another = thread::spawn(|| Mutex::new(0).lock().map(|value| *value).ok());
        opposite_orders_one_after_the_other();
        another.join().unwrap();
    };
    let shown = found(50, "random", beside_another_thread);
    assert_eq!(shown.slug, "lock-order-cycle");
    assert!(shown.is_error && !shown.is_observed);
    let words = "not reached in 50 schedules";
    assert!(shown.text.contains(words), "{}", shown.text);
}
