//! Tasks: spawning, joining, aborting.

use std::rc::Rc;

use super::{is_send_and_sync, tokio};
use tokio::task::{
    AbortHandle, Id, JoinError, JoinHandle, JoinSet, LocalSet, block_in_place, spawn_blocking,
    spawn_local, yield_now,
};

#[tokio::test]
async fn a_task_returns_panics_or_is_aborted() {
    let handle: JoinHandle<u32> = tokio::spawn(async { 1 });
    is_send_and_sync(&handle);
    let _: Id = handle.id();
    assert_eq!(handle.await.unwrap(), 1);
    let panicked: JoinError = tokio::task::spawn(async { panic!("on purpose") })
        .await
        .unwrap_err();
    assert!(panicked.is_panic());
    let stuck = tokio::spawn(std::future::pending::<()>());
    let abort: AbortHandle = stuck.abort_handle();
    yield_now().await;
    assert!(!stuck.is_finished());
    abort.abort();
    assert!(stuck.await.unwrap_err().is_cancelled());
    let never_polled = tokio::spawn(std::future::pending::<()>());
    never_polled.abort();
    assert!(never_polled.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn handles_are_futures_like_any_other() {
    let (one, mut other) = (tokio::spawn(async { 1 }), tokio::spawn(async { 2 }));
    let (one, by_reference) = tokio::join!(one, &mut other);
    assert_eq!(one.unwrap() + by_reference.unwrap(), 3);
    let both = tokio::try_join!(tokio::spawn(async { 1 }), tokio::spawn(async { 2 }));
    assert_eq!(both.unwrap(), (1, 2));
}

#[tokio::test]
async fn a_set_of_tasks() {
    let mut set: JoinSet<u32> = JoinSet::new();
    for number in 0..4 {
        set.spawn(async move { number });
    }
    assert_eq!(set.len(), 4);
    let mut sum = 0;
    while let Some(number) = set.join_next().await {
        sum += number.unwrap();
    }
    assert_eq!((sum, set.is_empty()), (6, true));
    set.spawn_blocking(|| 7);
    set.spawn_on(async { 8 }, &tokio::runtime::Handle::current());
    let (_, number) = set.join_next_with_id().await.unwrap().unwrap();
    assert!(number >= 7);
    set.spawn(std::future::pending());
    set.abort_all();
    while set.join_next().await.is_some() {}
    assert!(set.try_join_next().is_none() && set.try_join_next_with_id().is_none());
    set.spawn(std::future::pending());
    set.shutdown().await;
    assert_eq!(
        std::future::poll_fn(|cx| set.poll_join_next(cx))
            .await
            .map(|_| ()),
        None
    );
    let all: JoinSet<u32> = (0..3).map(|number| async move { number }).collect();
    assert_eq!(all.join_all().await.len(), 3);
}

#[tokio::test]
async fn dropping_a_set_aborts_its_tasks() {
    let mut set = JoinSet::default();
    let (alive, mut gone) = tokio::sync::mpsc::channel::<()>(1);
    set.spawn(async move {
        let _alive = alive;
        std::future::pending::<()>().await;
    });
    yield_now().await;
    drop(set);
    assert_eq!(gone.recv().await, None);
}

#[tokio::test]
async fn what_blocks_goes_elsewhere() {
    assert_eq!(spawn_blocking(|| 6 * 7).await.unwrap(), 42);
    let panicked = spawn_blocking(|| panic!("on purpose")).await.unwrap_err();
    assert!(panicked.is_panic());
    let runtime = tokio::runtime::Handle::current();
    let inner = spawn_blocking(move || runtime.block_on(async { 1 }));
    assert_eq!(inner.await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_may_say_that_it_blocks() {
    let task = tokio::spawn(async { block_in_place(|| 1) });
    assert_eq!(task.await.unwrap(), 1);
}

#[tokio::test]
async fn tasks_that_stay_on_one_thread() {
    let shared = Rc::new(std::cell::Cell::new(1));
    let set = LocalSet::new();
    let inner = Rc::clone(&shared);
    set.spawn_local(async move { inner.set(2) });
    let inner = Rc::clone(&shared);
    set.run_until(async move {
        let task = spawn_local(async move {
            yield_now().await;
            inner.set(inner.get() + 1);
        });
        task.await.unwrap();
    })
    .await;
    set.await;
    assert_eq!(shared.get(), 3);
}
