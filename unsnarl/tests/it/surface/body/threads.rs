use std::time::{Duration, Instant};

use super::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use super::sync::{Arc, mpsc};
use super::{panic_of, thread, words_of};

#[test]
fn a_thread_returns_to_who_joins_it() {
    let handle = thread::spawn(|| 1 + 1);
    let _: &thread::Thread = handle.thread();
    assert_eq!(handle.join().unwrap(), 2);
}

#[test]
fn a_threads_panic_reaches_who_joins_it() {
    let panic = thread::spawn(|| panic!("{}", "oops")).join().unwrap_err();
    assert_eq!(words_of(&*panic), "oops");
    let panic = thread::scope(|scope| scope.spawn(|| panic!("oops")).join().unwrap_err());
    assert_eq!(words_of(&*panic), "oops");
}

#[test]
fn a_thread_is_finished_when_its_code_is() {
    let (end, may_end) = mpsc::channel();
    let handle = thread::spawn(move || may_end.recv().unwrap());
    assert!(!handle.is_finished());
    end.send(()).unwrap();
    while !handle.is_finished() {
        thread::yield_now();
    }
    handle.join().unwrap();
}

#[test]
fn a_thread_has_a_name_and_an_identity() {
    let builder = thread::Builder::new()
        .name("worker".to_owned())
        .stack_size(128 * 1024);
    let handle = builder
        .spawn(|| {
            let current = thread::current();
            (current.id(), current.name().map(str::to_owned))
        })
        .unwrap();
    let id = handle.thread().id();
    assert_eq!(handle.thread().name(), Some("worker"));
    assert!(format!("{handle:?}").starts_with("JoinHandle { "));
    assert!(format!("{:?}", handle.thread()).starts_with("Thread { id: ThreadId("));
    assert_eq!(handle.join().unwrap(), (id, Some("worker".to_owned())));
    assert_ne!(id, thread::current().id());
    assert_eq!(thread::spawn(|| ()).thread().name(), None);
}

#[test]
fn a_builder_starts_every_kind_of_thread() {
    let mut value = 1;
    thread::scope(|scope| {
        let builder = thread::Builder::new().name("scoped".to_owned());
        let handle = builder
            .spawn_scoped(scope, || {
                value += 1;
                thread::current().name().map(str::to_owned)
            })
            .unwrap();
        assert_eq!(handle.thread().name(), Some("scoped"));
        assert_eq!(handle.join().unwrap().as_deref(), Some("scoped"));
    });
    let borrowed = &mut value;
    // SAFETY: the thread is joined before what it borrows goes away.
    let handle = unsafe { thread::Builder::new().spawn_unchecked(move || *borrowed += 1) };
    handle.unwrap().join().unwrap();
    assert_eq!(value, 3);
    let message = panic_of(|| {
        let builder = thread::Builder::new().name("null\0byte".to_owned());
        builder.spawn(|| ())
    });
    assert!(message.contains("thread name may not contain interior null bytes"));
    assert!(format!("{:?}", thread::Builder::new()).starts_with("Builder { "));
}

#[test]
fn a_scope_waits_for_its_threads() {
    let (mut left, mut right) = (vec![1], vec![2]);
    let ended = AtomicU32::new(0);
    let result = thread::scope(|scope| {
        scope.spawn(|| {
            left.push(3);
            ended.fetch_add(1, Ordering::SeqCst);
            scope.spawn(|| ended.fetch_add(1, Ordering::SeqCst));
        });
        let handle: thread::ScopedJoinHandle<'_, usize> = scope.spawn(|| {
            right.push(4);
            right.len()
        });
        while !handle.is_finished() {
            thread::yield_now();
        }
        assert!(format!("{handle:?}").starts_with("ScopedJoinHandle { "));
        assert!(format!("{scope:?}").starts_with("Scope { "));
        handle.join().unwrap()
    });
    assert_eq!((result, left, right), (2, vec![1, 3], vec![2, 4]));
    assert_eq!(ended.into_inner(), 2);
}

#[test]
fn a_scope_panics_when_a_thread_of_it_did() {
    let ended = AtomicBool::new(false);
    let message = panic_of(|| {
        thread::scope(|scope| {
            scope.spawn(|| panic!("unheard"));
            scope.spawn(|| ended.store(true, Ordering::SeqCst));
        });
    });
    assert_eq!(message, "a scoped thread panicked");
    assert!(ended.load(Ordering::SeqCst));
}

#[test]
fn a_scopes_own_panic_comes_after_its_threads() {
    let ended = AtomicBool::new(false);
    let message = panic_of(|| {
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(1));
                ended.store(true, Ordering::SeqCst);
            });
            panic!("own");
        });
    });
    assert_eq!(message, "own");
    assert!(ended.load(Ordering::SeqCst));
}

#[test]
fn a_parked_thread_goes_on_when_unparked() {
    let is_open = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&is_open);
    let handle = thread::spawn(move || {
        while !seen.load(Ordering::SeqCst) {
            thread::park();
        }
    });
    let parked = handle.thread().clone();
    is_open.store(true, Ordering::SeqCst);
    parked.unpark();
    handle.join().unwrap();
}

#[test]
fn an_unpark_is_kept_for_the_next_park() {
    thread::current().unpark();
    thread::park();
    thread::current().unpark();
    let start = Instant::now();
    thread::park_timeout(Duration::from_secs(60));
    assert!(start.elapsed() < Duration::from_secs(60));
    thread::park_timeout(Duration::from_millis(1));
}

#[test]
fn the_rest_of_the_module_is_there() {
    thread::sleep(Duration::from_millis(1));
    thread::yield_now();
    assert!(thread::available_parallelism().is_ok() && !thread::panicking());
    let _: fn(&'static thread::LocalKey<u8>) -> Result<u8, thread::AccessError> =
        |key| key.try_with(|value| *value);
    let _: thread::Result<thread::ThreadId> = Ok(thread::current().id());
}

#[cfg(unix)]
#[test]
fn the_operating_system_knows_the_thread() {
    use std::os::unix::thread::JoinHandleExt;
    let (id, its_id) = mpsc::channel();
    let handle = thread::spawn(move || id.send(thread::current().id()).unwrap());
    let _ = handle.as_pthread_t();
    assert_eq!(its_id.recv().unwrap(), handle.thread().id());
    // It is detached by the next line, and has ended its own code.
    let _ = handle.into_pthread_t();
}
