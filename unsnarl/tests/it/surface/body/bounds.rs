//! What the compiler accepts.

use std::cell::Cell;
use std::fmt::{Debug, Display};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

use super::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU64};
use super::sync::{
    Arc, Barrier, BarrierWaitResult, Condvar, LazyLock, Mutex, MutexGuard, Once, OnceLock,
    OnceState, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak, mpsc,
};
use super::thread;

/// Types that implement traits.
macro_rules! implements {
    ($($Type:ty: $($Trait:path),+;)+) => {
        const _: () = {$({
            const fn check<T: ?Sized $(+ $Trait)+>() {}
            check::<$Type>();
        })+};
    };
}

/// Types that do not implement a trait: if one did, `check` would be ambiguous.
macro_rules! lacks {
    ($($Type:ty: $($Trait:path),+;)+) => {
        const _: () = {$($({
            trait Check<Marker> {
                fn check() {}
            }
            impl<T: ?Sized> Check<()> for T {}
            struct Has;
            impl<T: ?Sized + $Trait> Check<Has> for T {}
            let _ = <$Type as Check<_>>::check;
        })+)+};
    };
}

implements! {
    Mutex<Cell<u8>>: Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug, Default, From<Cell<u8>>;
    Mutex<dyn Debug + Send>: Send, Sync, UnwindSafe, RefUnwindSafe, Debug;
    MutexGuard<'static, u8>: Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug, Display;
    RwLock<u8>: Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug, Default, From<u8>;
    RwLock<Cell<u8>>: Send, UnwindSafe, RefUnwindSafe;
    RwLock<dyn Debug + Send + Sync>: Send, Sync, Debug;
    RwLockReadGuard<'static, u8>: Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug, Display;
    RwLockWriteGuard<'static, Cell<u8>>: UnwindSafe, RefUnwindSafe;
    RwLockWriteGuard<'static, u8>: Sync, Unpin, Debug, Display;
    Condvar: Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug, Default;
    Barrier: Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug;
    BarrierWaitResult: Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug;
    Once: Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug;
    OnceState: Debug, Unpin;
    OnceLock<u8>: Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug, Default, Clone, Eq, From<u8>;
    OnceLock<Cell<u8>>: Send, UnwindSafe;
    LazyLock<u8>: Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug, Default;
    LazyLock<u8, Box<dyn FnOnce() -> u8 + Send>>: Send, Sync, Debug;
    mpsc::Sender<Cell<u8>>: Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug, Clone;
    mpsc::SyncSender<Cell<u8>>: Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug, Clone;
    mpsc::Receiver<Cell<u8>>: Send, UnwindSafe, RefUnwindSafe, Unpin, Debug, IntoIterator;
    mpsc::IntoIter<u8>: Send, UnwindSafe, RefUnwindSafe, Unpin, Debug, Iterator;
    mpsc::Iter<'static, u8>: UnwindSafe, RefUnwindSafe, Unpin, Debug, Iterator;
    mpsc::TryIter<'static, u8>: UnwindSafe, RefUnwindSafe, Unpin, Debug, Iterator;
    AtomicBool: Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug, Default, From<bool>;
    AtomicU64: Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug, Default, From<u64>;
    AtomicPtr<Cell<u8>>: Send, Sync, RefUnwindSafe, Unpin, Debug, Default, From<*mut Cell<u8>>;
    thread::JoinHandle<Cell<u8>>: Send, Sync, Unpin, Debug;
    thread::ScopedJoinHandle<'static, Cell<u8>>: Send, Sync, Unpin, Debug;
    thread::Scope<'static, 'static>: Send, Sync, RefUnwindSafe, Unpin, Debug;
    thread::Thread: Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug, Clone;
    thread::Builder: Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug;
}

lacks! {
    Mutex<Rc<u8>>: Send, Sync;
    MutexGuard<'static, u8>: Send;
    MutexGuard<'static, Cell<u8>>: Sync;
    Mutex<u8>: Clone, PartialEq;
    RwLock<Cell<u8>>: Sync;
    RwLock<u8>: Clone, PartialEq;
    RwLockReadGuard<'static, u8>: Send, Clone;
    RwLockReadGuard<'static, Cell<u8>>: Sync, RefUnwindSafe;
    RwLockWriteGuard<'static, u8>: Send;
    RwLockWriteGuard<'static, Cell<u8>>: Sync;
    OnceLock<Cell<u8>>: Sync, RefUnwindSafe;
    OnceLock<Rc<u8>>: Send;
    LazyLock<Cell<u8>>: Sync, RefUnwindSafe;
    LazyLock<u8, Box<dyn FnOnce() -> u8>>: Sync, Send;
    LazyLock<u8>: Clone;
    Once: Default, Clone;
    Barrier: Default, Clone;
    BarrierWaitResult: Clone, PartialEq;
    mpsc::Receiver<u8>: Sync, Clone;
    mpsc::Sender<Rc<u8>>: Send, Sync;
    thread::JoinHandle<u8>: Clone;
    thread::Builder: Default, Clone;
    AtomicU8: Clone, PartialEq;
}

/// The lifetime of what is read may be shortened.
#[expect(dead_code, reason = "it is enough that it compiles")]
fn shorten<'a>(guard: RwLockReadGuard<'a, &'static str>) -> RwLockReadGuard<'a, &'a str> {
    guard
}

trait Animal {
    fn rename(&mut self, name: &str);
    fn name(&self) -> String;
}

#[derive(Default)]
struct Cat(String);

impl Animal for Cat {
    fn rename(&mut self, name: &str) {
        name.clone_into(&mut self.0);
    }

    fn name(&self) -> String {
        self.0.clone()
    }
}

#[test]
fn what_is_locked_may_be_unsized() {
    let animal: Arc<Mutex<dyn Animal + Send>> = Arc::new(Mutex::new(Cat::default()));
    animal.lock().unwrap().rename("Tom");
    assert_eq!(animal.try_lock().unwrap().name(), "Tom");
    let weak: Weak<Mutex<dyn Animal + Send>> = Arc::downgrade(&animal);
    assert!(weak.upgrade().is_some());

    let animal: Arc<RwLock<dyn Animal + Send + Sync>> = Arc::new(RwLock::new(Cat::default()));
    animal.write().unwrap().rename("Tom");
    assert_eq!(animal.read().unwrap().name(), "Tom");
    let reader = RwLockWriteGuard::downgrade(animal.write().unwrap());
    assert_eq!(reader.name(), "Tom");
    drop(reader);
    assert!(animal.try_read().is_ok() && animal.try_write().is_ok());

    let mut numbers: Box<Mutex<[u8]>> = Box::new(Mutex::new([1, 2]));
    numbers.get_mut().unwrap()[0] = 3;
    assert_eq!(*numbers.lock().unwrap(), [3, 2]);
    let numbers: Box<RwLock<[u8]>> = Box::new(RwLock::new([1, 2]));
    numbers.write().unwrap()[0] = 3;
    assert_eq!(*numbers.read().unwrap(), [3, 2]);
}

#[test]
fn what_is_guarded_may_refer_to_what_goes_away_first() {
    let (mutex, rwlock, cell) = (Mutex::new(None), RwLock::new(None), OnceLock::new());
    let value = 1;
    *mutex.lock().unwrap() = Some(&value);
    *rwlock.write().unwrap() = Some(&value);
    cell.set(&value).unwrap();
}

#[test]
fn a_guard_lives_as_long_as_the_lock_is_borrowed() {
    fn longest<'a>(mutex: &'a Mutex<u8>, rwlock: &'a RwLock<u8>) -> (MutexGuard<'a, u8>, u8) {
        let guard = mutex.lock().unwrap();
        (guard, *rwlock.read().unwrap())
    }
    let (mutex, rwlock) = (Mutex::new(1), RwLock::new(2));
    assert_eq!(longest(&mutex, &rwlock).1, 2);
    let cell = OnceLock::new();
    let (left, right): (&u8, &u8) = (cell.get_or_init(|| 1), cell.wait());
    assert!(std::ptr::eq(left, right));
}
