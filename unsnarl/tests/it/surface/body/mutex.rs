use super::panic_of;
use super::sync::{Arc, Mutex, TryLockError};
use super::thread;

fn poisoned() -> Mutex<i32> {
    let mutex = Mutex::new(1);
    panic_of(|| {
        let _guard = mutex.lock().unwrap();
        panic!("poison");
    });
    mutex
}

#[test]
fn it_keeps_threads_apart() {
    let count = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let count = Arc::clone(&count);
            thread::spawn(move || {
                for _ in 0..1000 {
                    *count.lock().unwrap() += 1;
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    assert_eq!(*count.lock().unwrap(), 4000);
}

#[test]
fn a_try_fails_only_while_it_is_held() {
    let mutex = Mutex::new(1);
    let guard = mutex.lock().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock))));
    });
    drop(guard);
    *mutex.try_lock().unwrap() += 1;
    assert_eq!(mutex.into_inner().unwrap(), 2);
}

#[test]
fn a_panic_poisons_it_until_that_is_cleared() {
    let mut mutex = poisoned();
    assert!(mutex.is_poisoned());
    assert_eq!(**mutex.lock().unwrap_err().get_ref(), 1);
    match mutex.try_lock() {
        Err(TryLockError::Poisoned(poisoned)) => *poisoned.into_inner() += 1,
        other => panic!("{other:?}"),
    }
    assert_eq!(*mutex.get_mut().unwrap_err().into_inner(), 2);
    mutex.clear_poison();
    assert!(!mutex.is_poisoned());
    assert_eq!(*mutex.lock().unwrap(), 2);
    assert_eq!(poisoned().into_inner().unwrap_err().into_inner(), 1);
}

#[test]
fn it_is_made_from_values_and_shown_like_them() {
    let mut mutex = Mutex::from(1);
    *mutex.get_mut().unwrap() += 1;
    assert_eq!(
        format!("{mutex:?}"),
        "Mutex { data: 2, poisoned: false, .. }"
    );
    assert_eq!(
        format!("{:?}", poisoned()),
        "Mutex { data: 1, poisoned: true, .. }"
    );
    let guard = mutex.lock().unwrap();
    assert_eq!(format!("{guard:?} {guard}"), "2 2");
    assert!(format!("{mutex:?}").contains("<locked>"));
    assert_eq!(*Mutex::<u8>::default().lock().unwrap(), 0);
}
