//! Locks in statics and constants, in destructors, after a guard was forgotten, in threads that nobody watched start.

use std::cell::RefCell;
use std::collections::HashMap;
use std::mem;

use super::sync::atomic::{AtomicU32, Ordering};
use super::sync::{Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock, mpsc};
use super::{panic_of, thread, thread_local, words_of};

static MUTEX: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static MUTEXES: [Mutex<u8>; 2] = [const { Mutex::new(0) }; 2];
static RWLOCK: RwLock<u8> = RwLock::new(0);
static CONDVAR: Condvar = Condvar::new();
static BARRIER: Barrier = Barrier::new(1);
static ONCE: Once = Once::new();
static CELL: OnceLock<String> = OnceLock::new();
static LAZY: LazyLock<HashMap<u8, u8>> = LazyLock::new(|| HashMap::from([(1, 2)]));
static COUNT: AtomicU32 = AtomicU32::new(0);

#[test]
fn statics_need_no_start() {
    MUTEX.lock().unwrap().push(1);
    MUTEXES.iter().for_each(|mutex| *mutex.lock().unwrap() += 1);
    *RWLOCK.write().unwrap() += 1;
    CONDVAR.notify_all();
    assert!(BARRIER.wait().is_leader());
    ONCE.call_once(|| ());
    assert_eq!(CELL.get_or_init(|| "cell".to_owned()), "cell");
    assert_eq!(LAZY[&1], 2);
    COUNT.fetch_add(1, Ordering::SeqCst);
    assert_eq!((MUTEX.lock().unwrap()[0], *RWLOCK.read().unwrap()), (1, 1));
}

#[test]
fn constants_are_made_anew_at_each_use() {
    #[expect(
        clippy::declare_interior_mutable_const,
        reason = "that is what is tested"
    )]
    const EMPTY: OnceLock<u8> = OnceLock::new();
    const fn guarded(value: u8) -> Mutex<u8> {
        Mutex::new(value)
    }
    let [first, second] = [EMPTY; 2];
    first.set(1).unwrap();
    assert_eq!((first.get(), second.get()), (Some(&1), None));
    #[expect(deprecated, reason = "it is still there")]
    let [first, second] = [super::sync::ONCE_INIT; 2];
    first.call_once(|| ());
    assert!(first.is_completed() && !second.is_completed());
    assert_eq!(guarded(1).into_inner().unwrap(), 1);
}

/// What is locked when a thread's thread-locals are destroyed.
struct Farewell {
    words: Arc<Mutex<Vec<&'static str>>>,
    shared: Arc<RwLock<u8>>,
    sender: mpsc::Sender<&'static str>,
}

impl Drop for Farewell {
    fn drop(&mut self) {
        self.words.lock().unwrap().push("locked");
        *self.shared.write().unwrap() += *OnceLock::from(1).get().unwrap();
        assert!(*self.shared.read().unwrap() > 0);
        ONCE.call_once(|| ());
        assert_eq!(*LazyLock::new(|| 1), 1);
        self.sender.send("sent").unwrap();
        let inner = Mutex::new(1);
        let (_outer, _inner) = (self.words.lock().unwrap(), inner.lock().unwrap());
    }
}

thread_local! {
    static FIRST: RefCell<Option<Farewell>> = const { RefCell::new(None) };
    static LAST: RefCell<Option<Farewell>> = const { RefCell::new(None) };
}

#[test]
fn they_work_while_thread_locals_are_destroyed() {
    let words = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::new(RwLock::new(0));
    let (sender, receiver) = mpsc::channel();
    let farewell = || Farewell {
        words: Arc::clone(&words),
        shared: Arc::clone(&shared),
        sender: sender.clone(),
    };
    // One is registered before the thread uses anything of the facade, one after.
    let (first, last) = (farewell(), farewell());
    let body = move || {
        FIRST.set(Some(first));
        drop(MUTEX.lock().unwrap());
        LAST.set(Some(last));
    };
    thread::spawn(body).join().unwrap();
    let (first, last) = (farewell(), farewell());
    let body = move || {
        FIRST.set(Some(first));
        drop(MUTEX.lock().unwrap());
        LAST.set(Some(last));
    };
    std::thread::spawn(body).join().unwrap();
    assert_eq!(*words.lock().unwrap(), ["locked"; 4]);
    assert_eq!(*shared.read().unwrap(), 4);
    drop(sender);
    assert_eq!(receiver.iter().collect::<Vec<_>>(), ["sent"; 4]);
}

#[test]
fn they_work_in_destructors_while_a_panic_unwinds() {
    struct Undo<'a>(&'a Mutex<u8>, &'a RwLock<u8>, &'a OnceLock<u8>);
    impl Drop for Undo<'_> {
        fn drop(&mut self) {
            assert!(thread::panicking());
            *self.0.lock().unwrap() += 1;
            let mut value = self.1.write().unwrap();
            *value += self.2.get_or_init(|| 1);
            thread::scope(|scope| {
                scope.spawn(|| ONCE.call_once(|| ()));
            });
        }
    }
    let (mutex, rwlock, cell) = (Mutex::new(1), RwLock::new(1), OnceLock::new());
    let message = panic_of(|| {
        let _undo = Undo(&mutex, &rwlock, &cell);
        panic!("unwinds");
    });
    assert_eq!(message, "unwinds");
    // They were locked and released while the panic unwound, which does not poison.
    assert_eq!((*mutex.lock().unwrap(), *rwlock.read().unwrap()), (2, 2));
}

#[test]
fn a_forgotten_guard_keeps_its_lock() {
    let mut mutex = Mutex::new(1);
    mem::forget(mutex.lock().unwrap());
    assert!(mutex.try_lock().is_err());
    *mutex.get_mut().unwrap() += 1;
    assert_eq!(mutex.into_inner().unwrap(), 2);
    let rwlock = RwLock::new(1);
    mem::forget(rwlock.read().unwrap());
    assert!(rwlock.try_write().is_err());
    assert_eq!(*rwlock.try_read().unwrap(), 1);
    let leaked: &'static Mutex<_> = Box::leak(Box::new(Mutex::new(1)));
    let guard = leaked.lock().unwrap();
    thread::spawn(|| drop(MUTEXES[0].lock().unwrap()))
        .join()
        .unwrap();
    drop(guard);
    assert_eq!(*leaked.lock().unwrap(), 1);
}

#[test]
fn a_thread_that_nobody_watched_start_uses_them() {
    let mutex = Arc::new(Mutex::new(0));
    let (sender, receiver) = mpsc::sync_channel(0);
    let shared = Arc::clone(&mutex);
    let handle = std::thread::spawn(move || {
        *shared.lock().unwrap() += 1;
        sender.send(thread::current().id()).unwrap();
        let inner = thread::spawn(|| thread::current().id());
        assert_ne!(inner.join().unwrap(), thread::current().id());
        thread::scope(|scope| {
            scope.spawn(|| *shared.lock().unwrap() += 1);
        });
        panic!("heard");
    });
    assert_eq!(receiver.recv().unwrap(), handle.thread().id());
    assert_eq!(words_of(&*handle.join().unwrap_err()), "heard");
    assert_eq!(*mutex.lock().unwrap(), 2);
}
