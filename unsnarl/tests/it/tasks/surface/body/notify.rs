//! `Notify`.

use std::pin::pin;
use std::sync::Arc;

use super::{is_send_and_sync, tokio};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

static IN_A_STATIC: Notify = Notify::const_new();

#[tokio::test]
async fn a_notification_is_kept_for_one() {
    let notify = Notify::new();
    is_send_and_sync(&notify);
    notify.notify_one();
    notify.notified().await;
    IN_A_STATIC.notify_last();
    IN_A_STATIC.notified().await;
    let mut enabled = pin!(notify.notified());
    assert!(!enabled.as_mut().enable());
    notify.notify_waiters();
    enabled.await;
}

#[tokio::test]
async fn all_who_wait_are_notified() {
    let notify = Arc::new(Notify::default());
    let waiters: Vec<_> = (0..3)
        .map(|_| tokio::spawn(Arc::clone(&notify).notified_owned()))
        .collect();
    tokio::task::yield_now().await;
    notify.notify_waiters();
    for waiter in waiters {
        waiter.await.unwrap();
    }
}

#[tokio::test]
async fn a_wait_may_be_given_up() {
    let notify = Notify::new();
    {
        let _given_up: Notified<'_> = notify.notified();
    }
    tokio::select! {
        biased;
        () = notify.notified() => panic!("nobody notified"),
        () = std::future::ready(()) => {}
    }
    notify.notify_one();
    notify.notified().await;
}
