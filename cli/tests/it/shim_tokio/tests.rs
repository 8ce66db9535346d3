use std::sync::Arc;

use courier::{courier, Office};

#[tokio::test]
async fn courier_is_left() {
    let calls = courier(&Arc::new(Office::default()));
    std::mem::forget(calls);
}

#[tokio::test]
async fn log_is_locked_meanwhile() {
    Office::default().write_slowly().await;
}

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
async fn quiet() {
    let office = Arc::new(Office::default());
    let calls = courier(&office);
    office.write().await;
    calls.send(()).await.unwrap();
}

#[tokio::main(flavor = "current_thread")]
async fn run() -> u32 {
    tokio::spawn(async { 7 }).await.unwrap()
}

#[test]
fn quiet_main() {
    assert_eq!(run(), 7);
}
