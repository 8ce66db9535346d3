//! Correct programs of tasks in which everything that can order accesses does: none may be told as a race.
//!
//! With the feature `check` on, a finding makes the process of these tests exit with 101, however they pass.

use std::sync::Arc;

use unsnarl::cell::RaceCell;
use unsnarl::tokio;
use unsnarl::tokio::sync::{
    Barrier, Mutex, Notify, OnceCell, RwLock, Semaphore, SetOnce, broadcast, mpsc, oneshot, watch,
};
use unsnarl::tokio::task::{JoinSet, LocalSet, spawn_local, yield_now};

/// A value that a test's own care keeps to one task at a time.
#[derive(Debug, Default)]
pub(crate) struct Shared(RaceCell<usize>);

impl Shared {
    #[track_caller]
    pub(crate) fn add(&self) {
        // SAFETY: each test says what keeps its tasks apart.
        unsafe { self.0.set(self.0.get() + 1) };
    }

    #[track_caller]
    fn get(&self) -> usize {
        // SAFETY: as in `add`.
        unsafe { self.0.get() }
    }
}

/// Runs this task a few times at once, and returns what they have added up.
async fn together<F>(task: impl Fn(Arc<Shared>) -> F) -> usize
where
    F: Future<Output = ()> + Send + 'static,
{
    let value = Arc::new(Shared::default());
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        tasks.spawn(task(Arc::clone(&value)));
    }
    tasks.join_all().await;
    value.get()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locks_and_permits_order() {
    for _ in 0..20 {
        let (mutex, lock) = (Arc::new(Mutex::new(())), Arc::new(RwLock::new(())));
        let permits = Arc::new(Semaphore::new(1));
        let sum = together(|value| {
            let mutex = Arc::clone(&mutex);
            async move {
                let _held = mutex.lock().await;
                value.add();
                yield_now().await;
                value.add();
            }
        });
        assert_eq!(sum.await, 8);
        let sum = together(|value| {
            let lock = Arc::clone(&lock);
            async move {
                {
                    let _writer = lock.write().await;
                    value.add();
                }
                let _reader = lock.read().await;
                assert!(value.get() > 0);
            }
        });
        assert_eq!(sum.await, 4);
        let sum = together(|value| {
            let permits = Arc::clone(&permits);
            async move {
                let _permit = permits.acquire_owned().await.unwrap();
                value.add();
            }
        });
        assert_eq!(sum.await, 4);
        let sum = together(|value| {
            let mutex = Arc::clone(&mutex);
            async move {
                // The guard goes to another task, which gives the lock back.
                let guard = mutex.lock_owned().await;
                value.add();
                let inner = Arc::clone(&value);
                let hand_on = async move {
                    let _guard = guard;
                    inner.add();
                };
                tokio::spawn(hand_on).await.unwrap();
            }
        });
        assert_eq!(sum.await, 8);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_handed_over_is_ordered() {
    for _ in 0..20 {
        let value = Arc::new(Shared::default());
        value.add();
        let (bounded, mut next) = mpsc::channel(1);
        let (unbounded, mut after_that) = mpsc::unbounded_channel();
        let (once, then) = oneshot::channel();
        let inner = Arc::clone(&value);
        let first = tokio::spawn(async move {
            inner.add();
            bounded.send(()).await.unwrap();
        });
        let inner = Arc::clone(&value);
        let second = tokio::spawn(async move {
            next.recv().await.unwrap();
            inner.add();
            unbounded.send(()).unwrap();
        });
        let inner = Arc::clone(&value);
        let third = tokio::task::spawn_blocking(move || {
            after_that.blocking_recv().unwrap();
            inner.add();
            once.send(()).unwrap();
        });
        then.await.unwrap();
        value.add();
        assert_eq!(value.get(), 5);
        let _ = (first.await, second.await, third.await);
        value.add();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_announced_is_ordered() {
    for _ in 0..20 {
        let value = Arc::new(Shared::default());
        let (notify, barrier) = (Arc::new(Notify::new()), Arc::new(Barrier::new(2)));
        let (cell, set) = (Arc::new(OnceCell::new()), Arc::new(SetOnce::new()));
        let (show, mut shown) = watch::channel(false);
        let (tell, mut told) = broadcast::channel(1);
        let inner = (
            Arc::clone(&value),
            Arc::clone(&notify),
            Arc::clone(&barrier),
        );
        let (own_cell, own_set) = (Arc::clone(&cell), Arc::clone(&set));
        let other = tokio::spawn(async move {
            let (value, notify, barrier) = inner;
            value.add();
            notify.notify_one();
            barrier.wait().await;
            shown.changed().await.unwrap();
            value.add();
            set_all(&value, &own_cell, &own_set).await;
            told.recv().await.unwrap();
            value.add();
        });
        notify.notified().await;
        value.add();
        barrier.wait().await;
        value.add();
        show.send_replace(true);
        set.wait().await;
        assert_eq!(*cell.get().unwrap(), 4);
        value.add();
        tell.send(()).unwrap();
        other.await.unwrap();
        assert_eq!(value.get(), 6);
    }
}

async fn set_all(value: &Shared, cell: &OnceCell<usize>, set: &SetOnce<()>) {
    cell.get_or_init(async || value.get()).await;
    set.set(()).unwrap();
}

#[tokio::test]
async fn tasks_of_one_thread_follow_each_other() {
    let sum = together(|value| async move {
        for _ in 0..3 {
            value.add();
            yield_now().await;
        }
    });
    assert_eq!(sum.await, 12);
    let value = std::rc::Rc::new(Shared::default());
    let set = LocalSet::new();
    set.run_until(async {
        let inner = std::rc::Rc::clone(&value);
        let task = spawn_local(async move {
            inner.add();
            yield_now().await;
            inner.add();
        });
        yield_now().await;
        value.add();
        task.await.unwrap();
    })
    .await;
    assert_eq!(value.get(), 3);
}
