//! `Barrier`.

use std::sync::Arc;

use super::{is_send_and_sync, tokio};
use tokio::sync::Barrier;

#[tokio::test]
async fn one_of_all_leads() {
    let barrier = Arc::new(Barrier::new(3));
    is_send_and_sync(&*barrier);
    let mut set = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let barrier = Arc::clone(&barrier);
        set.spawn(async move { barrier.wait().await.is_leader() });
    }
    let leaders = set.join_all().await;
    assert_eq!(leaders.iter().filter(|leads| **leads).count(), 1);
}
