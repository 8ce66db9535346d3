//! `Mutex` and `RwLock`.

use std::sync::Arc;

use super::{is_send_and_sync, tokio};
use tokio::sync::{
    MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard,
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock,
    RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard, TryLockError,
};

static IN_A_STATIC: Mutex<u32> = Mutex::const_new(1);
static READ_IN_A_STATIC: RwLock<u32> = RwLock::const_new(1);

#[tokio::test]
async fn a_mutex_lets_one_in() {
    let mutex = Mutex::new((1, 2));
    is_send_and_sync(&mutex);
    let guard: MutexGuard<'_, (i32, i32)> = mutex.lock().await;
    is_send_and_sync(&guard);
    let refused: TryLockError = mutex.try_lock().unwrap_err();
    assert_eq!(refused.to_string(), "operation would block");
    assert_eq!(format!("{guard:?}"), "(1, 2)");
    assert!(std::ptr::eq(MutexGuard::mutex(&guard), &raw const mutex));
    drop(guard);
    mutex.try_lock().unwrap().0 += 1;
    assert_eq!(format!("{mutex:?}"), "Mutex { data: (2, 2) }");
    let held = mutex.lock().await;
    assert_eq!(format!("{mutex:?}"), "Mutex { data: <locked> }");
    drop(held);
    assert_eq!(mutex.into_inner(), (2, 2));
    *IN_A_STATIC.lock().await += 1;
    let mut own = Mutex::from(String::from("own"));
    own.get_mut().push('!');
    assert_eq!(own.lock().await.to_string(), "own!");
    assert_eq!(*Mutex::<u8>::default().lock().await, 0);
}

#[tokio::test]
async fn guards_of_parts_keep_the_mutex() {
    let mutex = Mutex::new((1, "two"));
    let part: MappedMutexGuard<'_, i32> = MutexGuard::map(mutex.lock().await, |both| &mut both.0);
    assert!(mutex.try_lock().is_err());
    let mut same = MappedMutexGuard::map(part, |number| number);
    *same += 1;
    assert!(MappedMutexGuard::try_map(same, |_| None::<&mut u8>).is_err());
    let whole = MutexGuard::try_map(mutex.lock().await, |_| None::<&mut u8>).unwrap_err();
    assert_eq!(*whole, (2, "two"));
}

#[tokio::test]
async fn owned_guards_travel() {
    let mutex = Arc::new(Mutex::new((1, "two")));
    let guard: OwnedMutexGuard<(i32, &str)> = Arc::clone(&mutex).lock_owned().await;
    assert!(Arc::clone(&mutex).try_lock_owned().is_err());
    assert!(Arc::ptr_eq(OwnedMutexGuard::mutex(&guard), &mutex));
    let part: OwnedMappedMutexGuard<(i32, &str), i32> =
        OwnedMutexGuard::map(guard, |both| &mut both.0);
    // It is given back by another task, while this one waits for the lock.
    let giver = tokio::spawn(async move {
        let mut part = part;
        tokio::task::yield_now().await;
        *part += 1;
    });
    assert_eq!(mutex.lock().await.0, 2);
    giver.await.unwrap();
}

#[tokio::test]
async fn a_guard_may_be_what_a_task_returns() {
    let mutex = Arc::new(Mutex::new(1));
    let locked = tokio::spawn(Arc::clone(&mutex).lock_owned()).await.unwrap();
    let waiter = tokio::spawn({
        let mutex = Arc::clone(&mutex);
        async move { *mutex.lock().await }
    });
    // Longer than it takes to take a waiting task for a stuck one.
    tokio::time::sleep(std::time::Duration::from_millis(80)).await;
    drop(locked);
    assert_eq!(waiter.await.unwrap(), 1);
}

#[tokio::test]
async fn readers_share_and_writers_do_not() {
    let lock = RwLock::new((1, "two"));
    is_send_and_sync(&lock);
    let one: RwLockReadGuard<'_, (i32, &str)> = lock.read().await;
    let other = lock.try_read().unwrap();
    assert!(lock.try_write().is_err());
    assert_eq!(RwLockReadGuard::map(one, |both| &both.0).to_string(), "1");
    drop(other);
    let mut writer: RwLockWriteGuard<'_, (i32, &str)> = lock.write().await;
    assert!(lock.try_read().is_err());
    writer.0 += 1;
    let reader = writer.downgrade();
    assert_eq!(reader.0, 2);
    assert!(lock.try_read().is_ok() && lock.try_write().is_err());
    drop(reader);
    let part: RwLockMappedWriteGuard<'_, i32> =
        RwLockWriteGuard::map(lock.write().await, |both| &mut both.0);
    drop(RwLockMappedWriteGuard::map(part, |number| number));
    let read = RwLockWriteGuard::downgrade_map(lock.write().await, |both| &both.1);
    assert_eq!(*read, "two");
    drop(read);
    drop(RwLockWriteGuard::into_mapped(lock.write().await));
    assert_eq!(format!("{lock:?}"), "RwLock { data: (2, \"two\") }");
    assert_eq!(*READ_IN_A_STATIC.read().await, 1);
    let single = RwLock::with_max_readers(1, 1);
    let _reader = single.read().await;
    assert!(single.try_read().is_err());
}

#[tokio::test]
async fn owned_guards_of_a_read_write_lock() {
    let lock = Arc::new(RwLock::new((1, "two")));
    let one: OwnedRwLockReadGuard<(i32, &str)> = Arc::clone(&lock).read_owned().await;
    assert!(Arc::clone(&lock).try_write_owned().is_err());
    assert!(Arc::ptr_eq(OwnedRwLockReadGuard::rwlock(&one), &lock));
    drop(OwnedRwLockReadGuard::map(one, |both| &both.0));
    let writer: OwnedRwLockWriteGuard<(i32, &str)> = Arc::clone(&lock).write_owned().await;
    assert!(Arc::clone(&lock).try_read_owned().is_err());
    let mut part: OwnedRwLockMappedWriteGuard<(i32, &str), i32> =
        OwnedRwLockWriteGuard::map(writer, |both| &mut both.0);
    *part += 1;
    drop(part);
    let reader = Arc::clone(&lock).write_owned().await.downgrade();
    assert_eq!(reader.0, 2);
}

#[test]
fn threads_may_block_on_them() {
    let mutex = Arc::new(Mutex::new(1));
    let held = mutex.blocking_lock();
    let other = std::thread::spawn({
        let mutex = Arc::clone(&mutex);
        move || *mutex.blocking_lock_owned()
    });
    drop(held);
    assert_eq!(other.join().unwrap(), 1);
    let lock = RwLock::new(1);
    assert_eq!(*lock.blocking_read(), 1);
    *lock.blocking_write() += 1;
    assert_eq!(lock.into_inner(), 2);
}

#[tokio::test]
#[should_panic(expected = "block the current thread")]
async fn a_task_must_not_block() {
    let _ = Mutex::new(1).blocking_lock();
}
