//! The facade is the standard library's: the same tests run on both, with the feature `check` off and on.

#[expect(
    clippy::duplicate_mod,
    reason = "the tests see the standard library here, and the facade below"
)]
#[path = "surface"]
mod of_std {
    use std::{sync, thread, thread_local, time};

    mod body;
}

#[path = "surface"]
mod of_unsnarl {
    use unsnarl::{sync, thread, thread_local, time};

    mod body;
}

/// With the feature off, the names are those of the very types of the standard library.
#[cfg(not(feature = "observe"))]
#[test]
fn off_means_off() {
    use std::sync::{atomic, mpsc};
    use unsnarl::{Named as _, sync, thread, time};
    let mutex: std::sync::Mutex<u8> = sync::Mutex::new(1);
    let _guard: sync::MutexGuard<'_, u8> = std::sync::Mutex::lock(&mutex).unwrap();
    let _: std::sync::Mutex<u8> = sync::Mutex::named("name", 1);
    let lock: std::sync::RwLock<u8> = sync::RwLock::named("name", 1);
    let _guard: sync::RwLockReadGuard<'_, u8> = std::sync::RwLock::read(&lock).unwrap();
    let lock: std::sync::RwLock<u8> = sync::RwLock::new(1);
    let _guard: sync::RwLockWriteGuard<'_, u8> = std::sync::RwLock::write(&lock).unwrap();
    let _: std::sync::Condvar = sync::Condvar::new();
    let _: std::sync::Once = sync::Once::new();
    let _: std::sync::OnceLock<u8> = sync::OnceLock::new();
    let _: std::sync::LazyLock<u8> = sync::LazyLock::new(|| 1);
    let barrier: std::sync::Barrier = sync::Barrier::new(1);
    let _: std::sync::BarrierWaitResult = barrier.wait();
    let arc: std::sync::Arc<u8> = sync::Arc::new(1);
    let _: std::sync::Weak<u8> = sync::Arc::downgrade(&arc);
    let _: (mpsc::Sender<u8>, mpsc::Receiver<u8>) = sync::mpsc::channel();
    let _: (mpsc::SyncSender<u8>, mpsc::Receiver<u8>) = sync::mpsc::sync_channel(1);
    let _: atomic::AtomicBool = sync::atomic::AtomicBool::new(true);
    let _: atomic::AtomicPtr<u8> = sync::atomic::AtomicPtr::default();
    let _: atomic::AtomicU64 = sync::atomic::AtomicU64::new(1);
    let _: std::time::Instant = time::Instant::now();
    let _: std::thread::Builder = thread::Builder::new();
    let _: std::thread::Thread = thread::current();
    let handle: std::thread::JoinHandle<()> = thread::spawn(|| ());
    handle.join().unwrap();
    thread::scope(|scope: &std::thread::Scope<'_, '_>| {
        let _: std::thread::ScopedJoinHandle<'_, ()> = scope.spawn(|| ());
    });
}

/// With the feature on, a lock stays small.
#[cfg(feature = "observe")]
#[test]
fn a_watched_mutex_takes_at_most_40_bytes() {
    assert!(size_of::<unsnarl::sync::Mutex<u64>>() <= 40);
}

#[test]
fn a_named_lock_is_one_like_any_other() {
    use unsnarl::Named as _;
    let mutex = unsnarl::sync::Mutex::named("accounts", 1);
    *mutex.lock().unwrap() += 1;
    assert_eq!(mutex.into_inner().unwrap(), 2);
    let lock = unsnarl::sync::RwLock::named("routes", 1);
    *lock.write().unwrap() += 1;
    assert_eq!(lock.into_inner().unwrap(), 2);
}
