use super::panic_of;
use super::sync::{RwLock, RwLockWriteGuard, TryLockError, mpsc};
use super::thread;

fn poisoned() -> RwLock<i32> {
    let lock = RwLock::new(1);
    panic_of(|| {
        let _guard = lock.write().unwrap();
        panic!("poison");
    });
    lock
}

#[test]
fn readers_share_it_and_writers_do_not() {
    let lock = RwLock::new(1);
    let reader = lock.read().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(*lock.read().unwrap(), 1);
            assert_eq!(*lock.try_read().unwrap(), 1);
            assert!(matches!(lock.try_write(), Err(TryLockError::WouldBlock)));
        });
    });
    drop(reader);
    let mut writer = lock.write().unwrap();
    *writer += 1;
    thread::scope(|scope| {
        scope.spawn(|| {
            assert!(matches!(lock.try_read(), Err(TryLockError::WouldBlock)));
            assert!(matches!(lock.try_write(), Err(TryLockError::WouldBlock)));
        });
    });
    drop(writer);
    *lock.try_write().unwrap() += 1;
    assert_eq!(lock.into_inner().unwrap(), 3);
}

#[test]
fn readers_and_writers_wait_for_each_other() {
    let lock = RwLock::new([0, 0]);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..1000 {
                    let mut pair = lock.write().unwrap();
                    pair[0] += 1;
                    pair[1] += 1;
                }
            });
            scope.spawn(|| {
                for _ in 0..1000 {
                    let pair = lock.read().unwrap();
                    assert_eq!(pair[0], pair[1]);
                }
            });
        }
    });
    assert_eq!(*lock.read().unwrap(), [2000, 2000]);
}

#[test]
fn a_writer_becomes_a_reader_with_no_writer_in_between() {
    let lock = RwLock::new(1);
    let mut writer = lock.write().unwrap();
    let (started, has_started) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            started.send(()).unwrap();
            *lock.write().unwrap() = 3;
        });
        has_started.recv().unwrap();
        *writer = 2;
        let reader = RwLockWriteGuard::downgrade(writer);
        assert_eq!(*reader, 2);
        assert!(lock.try_write().is_err());
    });
    assert_eq!(*lock.read().unwrap(), 3);
}

#[test]
fn a_writer_that_became_a_reader_shares_it() {
    let lock = RwLock::new(1);
    let reader = RwLockWriteGuard::downgrade(lock.write().unwrap());
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(*lock.read().unwrap(), 1));
    });
    drop(reader);
    assert!(lock.try_write().is_ok());
}

#[test]
fn a_panic_of_a_writer_poisons_it_until_that_is_cleared() {
    let mut lock = poisoned();
    assert!(lock.is_poisoned());
    assert_eq!(**lock.read().unwrap_err().get_ref(), 1);
    *lock.write().unwrap_err().into_inner() += 1;
    assert!(matches!(lock.try_read(), Err(TryLockError::Poisoned(_))));
    assert!(matches!(lock.try_write(), Err(TryLockError::Poisoned(_))));
    assert_eq!(*lock.get_mut().unwrap_err().into_inner(), 2);
    lock.clear_poison();
    assert!(!lock.is_poisoned());
    assert_eq!(*lock.read().unwrap(), 2);
    assert_eq!(poisoned().into_inner().unwrap_err().into_inner(), 1);
}

#[test]
fn a_panic_of_a_reader_does_not() {
    let lock = RwLock::new(1);
    panic_of(|| {
        let _guard = lock.read().unwrap();
        panic!("no poison");
    });
    panic_of(|| {
        let _guard = RwLockWriteGuard::downgrade(lock.write().unwrap());
        panic!("no poison");
    });
    assert!(!lock.is_poisoned());
    assert_eq!(*lock.write().unwrap(), 1);
}

#[test]
fn it_is_made_from_values_and_shown_like_them() {
    let mut lock = RwLock::from(1);
    *lock.get_mut().unwrap() += 1;
    assert_eq!(
        format!("{lock:?}"),
        "RwLock { data: 2, poisoned: false, .. }"
    );
    assert_eq!(
        format!("{:?}", poisoned()),
        "RwLock { data: 1, poisoned: true, .. }"
    );
    let reader = lock.read().unwrap();
    assert_eq!(format!("{reader:?} {reader}"), "2 2");
    drop(reader);
    let mut writer = lock.write().unwrap();
    *writer += 1;
    assert_eq!(format!("{writer:?} {writer}"), "3 3");
    assert!(format!("{lock:?}").contains("<locked>"));
    assert_eq!(*RwLock::<u8>::default().read().unwrap(), 0);
}
