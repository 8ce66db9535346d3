use std::sync::Arc;

use post::{courier, Office};
use unsnarl::leak::check_none;
use unsnarl::tokio;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_ways() {
    let office = Arc::new(Office::default());
    let inner = Arc::clone(&office);
    let (done, turn) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        inner.accept(2).await;
        done.send(()).unwrap();
    });
    let inner = Arc::clone(&office);
    let delivered = tokio::spawn(async move {
        turn.await.unwrap();
        inner.deliver().await
    });
    assert_eq!(delivered.await.unwrap(), Some(2));
}

#[tokio::test]
async fn courier_is_left() {
    let _none = check_none();
    let calls = courier(&Arc::new(Office::default()));
    std::mem::forget(calls);
}

#[tokio::test]
async fn quiet() {
    let _none = check_none();
    let office = Arc::new(Office::default());
    let calls = courier(&office);
    office.deliver().await;
    calls.send(()).await.unwrap();
}
