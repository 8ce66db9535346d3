//! Correct programs: whatever is told of one of them is a false alarm.

use std::sync::Arc;
use std::time::Duration;

use super::tokio;
use tokio::sync::{Mutex, OnceCell, RwLock, Semaphore, broadcast, mpsc, oneshot, watch};
use tokio::task::JoinSet;

/// Two branches of one task hold one lock each and want nothing else of each other; so do two of another task, the other way
/// round: no branch ever holds a lock while it asks for another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn branches_of_one_task_do_not_nest_their_locks() {
    async fn hold(lock: &Mutex<u32>, steps: u32) {
        let mut held = lock.lock().await;
        for _ in 0..steps {
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
        *held += 1;
    }
    let locks = Arc::new((Mutex::new(0), Mutex::new(0)));
    let mut tasks = JoinSet::new();
    for turn in 0..20 {
        let locks = Arc::clone(&locks);
        tasks.spawn(async move {
            let (one, other) = if turn % 2 == 0 {
                (&locks.0, &locks.1)
            } else {
                (&locks.1, &locks.0)
            };
            tokio::join!(hold(one, turn % 3), async {
                tokio::time::sleep(Duration::from_micros(50)).await;
                hold(other, turn % 2).await;
            });
        });
    }
    tasks.join_all().await;
    assert_eq!((*locks.0.lock().await, *locks.1.lock().await), (20, 20));
}

/// The lock is given back by the task that the guard was handed to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_is_handed_on_and_asked_for_again() {
    let lock = Arc::new(Mutex::new(0));
    for _ in 0..50 {
        let guard = Arc::clone(&lock).lock_owned().await;
        tokio::spawn(async move {
            let mut guard = guard;
            tokio::task::yield_now().await;
            *guard += 1;
        });
        // It waits for a lock that it locked itself.
        drop(lock.lock().await);
    }
    assert_eq!(*lock.lock().await, 50);
}

/// Everything waits for a clock, for longer than it takes to call a wait a hang.
#[tokio::test]
async fn all_tasks_may_sleep() {
    let (sender, mut receiver) = mpsc::channel(1);
    let sleeper = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(150)).await;
        sender.send(1).await.unwrap();
    });
    assert_eq!(receiver.recv().await, Some(1));
    sleeper.await.unwrap();
}

/// A wait with a timeout is no hang.
#[tokio::test]
async fn a_wait_may_be_in_vain_for_a_while() {
    let (_sender, mut receiver) = mpsc::channel::<u32>(1);
    let lock = Mutex::new(1);
    let _held = lock.lock().await;
    let wait = Duration::from_millis(120);
    assert!(tokio::time::timeout(wait, receiver.recv()).await.is_err());
    assert!(tokio::time::timeout(wait, lock.lock()).await.is_err());
    let never = tokio::spawn(std::future::pending::<()>());
    assert!(tokio::time::timeout(wait, never).await.is_err());
}

/// Who ends the wait is a thread that is no task.
#[tokio::test]
async fn a_thread_may_end_the_wait() {
    let (sender, receiver) = oneshot::channel();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(150));
        sender.send(1).unwrap();
    });
    assert_eq!(receiver.await, Ok(1));
    thread.join().unwrap();
}

/// Who ends the wait is a task that nobody watches.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_of_tokio_itself_may_end_the_wait() {
    let (sender, receiver) = oneshot::channel();
    ::tokio::spawn(async move {
        ::tokio::time::sleep(Duration::from_millis(150)).await;
        sender.send(1).unwrap();
    });
    assert_eq!(receiver.await, Ok(1));
}

/// Who ends the wait is a function of tokio itself that blocks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_blocks_may_end_the_wait() {
    let (sender, receiver) = oneshot::channel();
    let (other, others) = oneshot::channel();
    tokio::task::spawn_blocking(move || {
        std::thread::sleep(Duration::from_millis(100));
        sender.send(1).unwrap();
    });
    ::tokio::task::spawn_blocking(move || {
        std::thread::sleep(Duration::from_millis(200));
        other.send(2).unwrap();
    });
    assert_eq!((receiver.await, others.await), (Ok(1), Ok(2)));
}

/// A server with workers, limits and settings that change.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_of_all_parts() {
    let (jobs, mut inbox) = mpsc::channel::<(u32, oneshot::Sender<u32>)>(4);
    let (settings, setting) = watch::channel(1);
    let (stop, _) = broadcast::channel::<()>(1);
    let limit = Arc::new(Semaphore::new(2));
    let cache = Arc::new(RwLock::new(Vec::new()));
    let once = Arc::new(OnceCell::new());
    let mut stopped = stop.subscribe();
    let server = tokio::spawn({
        let cache = Arc::clone(&cache);
        async move {
            let mut workers = JoinSet::new();
            loop {
                tokio::select! {
                    job = inbox.recv() => {
                        let Some((number, answer)) = job else { break };
                        let permit = Arc::clone(&limit).acquire_owned().await.unwrap();
                        let (cache, once, setting) =
                            (Arc::clone(&cache), Arc::clone(&once), setting.clone());
                        workers.spawn(async move {
                            let _permit = permit;
                            let base = *once.get_or_init(|| async { 100 }).await;
                            if !cache.read().await.contains(&number) {
                                cache.write().await.push(number);
                            }
                            answer.send(base + number * *setting.borrow()).ok();
                        });
                    }
                    Some(worker) = workers.join_next() => worker.unwrap(),
                    _ = stopped.recv() => break,
                }
            }
            while let Some(worker) = workers.join_next().await {
                worker.unwrap();
            }
        }
    });
    let mut clients = JoinSet::new();
    for number in 0..20 {
        let jobs = jobs.clone();
        clients.spawn(async move {
            let (answer, answered) = oneshot::channel();
            jobs.send((number, answer)).await.unwrap();
            answered.await.unwrap()
        });
    }
    settings.send_replace(1);
    let sum: u32 = clients.join_all().await.iter().sum();
    assert_eq!(sum, 20 * 100 + 190);
    stop.send(()).unwrap();
    server.await.unwrap();
    assert_eq!(cache.read().await.len(), 20);
}

/// Many futures in one task, polled with wakers of their own.
#[tokio::test]
async fn a_task_may_poll_with_wakers_of_its_own() {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};
    let lock = Arc::new(Mutex::new(1));
    let held = Arc::clone(&lock).lock_owned().await;
    let mut waiting = pin!(lock.lock());
    poll_fn(|_| {
        let pending = waiting
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(pending.is_pending());
        Poll::Ready(())
    })
    .await;
    drop(held);
    assert_eq!(*waiting.await, 1);
}

/// A lock is taken by the same branch in the same order every time, by many tasks that are aborted now and then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aborted_tasks_give_back_what_they_hold() {
    let locks = Arc::new((Mutex::new(0), RwLock::new(0)));
    for turn in 0..30 {
        let inner = Arc::clone(&locks);
        let task = tokio::spawn(async move {
            let mut first = inner.0.lock().await;
            tokio::task::yield_now().await;
            let mut second = inner.1.write().await;
            *first += 1;
            *second += 1;
        });
        if turn % 3 == 0 {
            task.abort();
        }
        drop(task.await);
    }
    let counts = (*locks.0.lock().await, *locks.1.read().await);
    assert!(counts.0 == counts.1 && counts.0 >= 20, "{counts:?}");
}
