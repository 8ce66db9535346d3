use super::panic_of;
use super::sync::atomic::{AtomicU32, Ordering};
use super::sync::{Arc, LazyLock, Once, OnceLock, mpsc};
use super::thread;

#[test]
fn a_once_is_called_once() {
    let (once, calls) = (Once::new(), AtomicU32::new(0));
    assert!(!once.is_completed());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                once.call_once(|| {
                    thread::yield_now();
                    calls.fetch_add(1, Ordering::SeqCst);
                });
                assert_eq!(calls.load(Ordering::SeqCst), 1);
                assert!(once.is_completed());
            });
        }
    });
    once.call_once_force(|_| unreachable!());
    once.wait();
    once.wait_force();
    assert_eq!(format!("{once:?}"), "Once { .. }");
}

#[test]
fn a_panic_poisons_a_once_until_a_call_is_forced() {
    let once = Once::new();
    assert_eq!(panic_of(|| once.call_once(|| panic!("poison"))), "poison");
    assert!(!once.is_completed());
    let poisoned = "Once instance has previously been poisoned";
    assert_eq!(panic_of(|| once.call_once(|| ())), poisoned);
    assert_eq!(panic_of(|| once.wait()), poisoned);
    once.call_once_force(|state| {
        assert!(state.is_poisoned());
        assert_eq!(format!("{state:?}"), "OnceState { poisoned: true }");
    });
    once.call_once(|| unreachable!());
    once.wait();
    assert!(once.is_completed());
    Once::new().call_once_force(|state| assert!(!state.is_poisoned()));
}

#[test]
fn threads_wait_for_a_once_that_is_not_begun() {
    let once = Once::new();
    let (started, have_started) = mpsc::channel();
    thread::scope(|scope| {
        for wait in [Once::wait, Once::wait_force] {
            let (once, started) = (&once, started.clone());
            scope.spawn(move || {
                started.send(()).unwrap();
                wait(once);
                assert!(once.is_completed());
            });
        }
        have_started.iter().take(2).for_each(drop);
        once.call_once(|| ());
    });
}

#[test]
fn a_forced_wait_outlasts_a_panic() {
    let once = Once::new();
    let (started, has_started) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            started.send(()).unwrap();
            once.wait_force();
            assert!(once.is_completed());
        });
        has_started.recv().unwrap();
        panic_of(|| once.call_once(|| panic!("poison")));
        once.call_once_force(|_| ());
    });
}

#[test]
fn threads_wait_for_who_initialises() {
    let once = Once::new();
    let cell = OnceLock::new();
    let (begun, has_begun) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel();
    thread::scope(|scope| {
        let (once, cell) = (&once, &cell);
        scope.spawn(move || {
            once.call_once(|| {
                cell.get_or_init(|| {
                    begun.send(()).unwrap();
                    may_go_on.recv().unwrap();
                    1
                });
            });
        });
        has_begun.recv().unwrap();
        let waiters = [
            scope.spawn(|| once.call_once(|| unreachable!())),
            scope.spawn(|| once.call_once_force(|_| unreachable!())),
            scope.spawn(|| once.wait()),
            scope.spawn(|| assert_eq!(*cell.get_or_init(|| unreachable!()), 1)),
            scope.spawn(|| assert_eq!(cell.set(2), Err(2))),
            scope.spawn(|| assert_eq!(*cell.wait(), 1)),
        ];
        assert!(cell.get().is_none() && !once.is_completed());
        go_on.send(()).unwrap();
        waiters
            .into_iter()
            .for_each(|waiter| waiter.join().unwrap());
    });
}

#[test]
fn another_thread_initialises_a_cell_after_a_panic() {
    let cell = OnceLock::new();
    let (begun, has_begun) = mpsc::channel();
    thread::scope(|scope| {
        let cell = &cell;
        let first = scope.spawn(move || {
            cell.get_or_init(|| {
                begun.send(()).unwrap();
                panic!("first");
            });
        });
        has_begun.recv().unwrap();
        assert_eq!(*cell.get_or_init(|| 2), 2);
        assert!(first.join().is_err());
    });
}

#[test]
fn a_cell_is_written_once() {
    let mut cell = OnceLock::new();
    assert!(cell.get().is_none() && cell.get_mut().is_none());
    assert_eq!(format!("{cell:?}"), "OnceLock(<uninit>)");
    assert_eq!(cell.set(1), Ok(()));
    assert_eq!(cell.set(2), Err(2));
    assert_eq!(*cell.get_or_init(|| unreachable!()), 1);
    assert_eq!(*cell.wait(), 1);
    *cell.get_mut().unwrap() += 1;
    assert_eq!(format!("{cell:?}"), "OnceLock(2)");
    assert!(cell == cell.clone() && cell == OnceLock::from(2) && cell != OnceLock::default());
    assert_eq!(cell.take(), Some(2));
    assert_eq!(cell.take(), None);
    assert_eq!(*cell.get_or_init(|| 3), 3);
    assert_eq!(cell.into_inner(), Some(3));
}

#[test]
fn a_panic_leaves_a_cell_empty() {
    let cell = OnceLock::new();
    assert_eq!(panic_of(|| *cell.get_or_init(|| panic!("oops"))), "oops");
    assert_eq!(cell.get(), None);
    assert_eq!(cell.set(1), Ok(()));
}

#[test]
fn a_cell_drops_what_it_has() {
    let value = Arc::new(());
    let cell = OnceLock::from(Arc::clone(&value));
    assert_eq!(Arc::strong_count(&value), 2);
    drop(cell);
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn a_lazy_value_is_made_once() {
    let made = AtomicU32::new(0);
    let mut lazy = LazyLock::new(|| made.fetch_add(1, Ordering::SeqCst));
    assert!(LazyLock::get(&lazy).is_none() && LazyLock::get_mut(&mut lazy).is_none());
    assert_eq!(format!("{lazy:?}"), "LazyLock(<uninit>)");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(*lazy, 0));
        }
    });
    assert_eq!(LazyLock::force(&lazy), &0);
    assert_eq!(LazyLock::get(&lazy), Some(&0));
    *lazy += 1;
    *LazyLock::get_mut(&mut lazy).unwrap() += 1;
    *LazyLock::force_mut(&mut lazy) += 1;
    assert_eq!(format!("{lazy:?}"), "LazyLock(3)");
    assert_eq!(made.load(Ordering::SeqCst), 1);
    assert_eq!(*LazyLock::<u8>::default(), 0);
    let mut late = LazyLock::new(|| 1);
    *late += 1;
    assert_eq!(*late, 2);
}

#[test]
fn a_panic_poisons_a_lazy_value_for_ever() {
    let mut lazy: LazyLock<u8> = LazyLock::new(|| panic!("oops"));
    assert_eq!(panic_of(|| *lazy), "oops");
    let poisoned = "LazyLock instance has previously been poisoned";
    assert_eq!(panic_of(|| *lazy), poisoned);
    assert_eq!(panic_of(|| *LazyLock::force_mut(&mut lazy)), poisoned);
    assert_eq!(LazyLock::get(&lazy), None);
}
