//! `OnceCell` and `SetOnce`.

use std::sync::Arc;

use super::{is_send_and_sync, tokio};
use tokio::sync::{OnceCell, SetError, SetOnce};

static IN_A_STATIC: OnceCell<u32> = OnceCell::const_new();
static SET_IN_A_STATIC: SetOnce<u32> = SetOnce::const_new();

#[tokio::test]
async fn a_cell_is_initialised_once() {
    let mut cell = OnceCell::new();
    is_send_and_sync(&cell);
    assert!(!cell.initialized() && cell.get().is_none());
    let failed: Result<&u32, &str> = cell.get_or_try_init(|| async { Err("no") }).await;
    assert_eq!(failed, Err("no"));
    let (one, other) = tokio::join!(
        cell.get_or_init(|| async {
            tokio::task::yield_now().await;
            1
        }),
        cell.get_or_init(|| async { 2 })
    );
    assert_eq!((one, other), (&1, &1));
    assert!(matches!(
        cell.set(3),
        Err(SetError::AlreadyInitializedError(3))
    ));
    assert_eq!(cell, cell.clone());
    assert_eq!(format!("{cell:?}"), "OnceCell { value: Some(1) }");
    *cell.get_mut().unwrap() += 1;
    assert_eq!((cell.take(), cell.into_inner()), (Some(2), None));
    assert_eq!(*IN_A_STATIC.get_or_init(|| async { 7 }).await, 7);
    assert_eq!(OnceCell::from(1).get(), OnceCell::new_with(Some(1)).get());
}

#[tokio::test]
async fn a_value_is_waited_for() {
    let cell = Arc::new(SetOnce::new());
    let waiting = tokio::spawn({
        let cell = Arc::clone(&cell);
        async move { *cell.wait().await }
    });
    tokio::task::yield_now().await;
    cell.set(1).unwrap();
    assert_eq!(waiting.await.unwrap(), 1);
    assert!(cell.set(2).is_err() && cell.initialized());
    assert_eq!(*cell, SetOnce::from(1));
    SET_IN_A_STATIC.set(3).unwrap();
    assert_eq!(SET_IN_A_STATIC.get(), Some(&3));
}
