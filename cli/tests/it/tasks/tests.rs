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

/// Three callers wait for one office, and one for its turn; nobody gets on until this is asked, and ended.
#[tokio::test]
#[ignore = "another test asks it"]
async fn is_asked() {
    let parcels = Arc::new(tokio::sync::Mutex::new(0));
    let _held = parcels.lock().await;
    for _ in 0..3 {
        let parcels = Arc::clone(&parcels);
        tokio::spawn(async move { *parcels.lock().await += 1 });
    }
    let (_caller, mut calls) = tokio::sync::mpsc::channel::<()>(1);
    tokio::spawn(async move {
        let minute = std::time::Duration::from_secs(60);
        let _ = tokio::time::timeout(minute, calls.recv()).await;
    });
    let process = std::env::var_os("POST_PROCESS").unwrap();
    std::fs::write(process, std::process::id().to_string()).unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
}

#[tokio::test]
async fn quiet() {
    let _none = check_none();
    let office = Arc::new(Office::default());
    let calls = courier(&office);
    office.deliver().await;
    calls.send(()).await.unwrap();
}
