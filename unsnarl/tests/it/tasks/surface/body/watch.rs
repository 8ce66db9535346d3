//! `watch`.

use super::{is_send_and_sync, tokio};
use tokio::sync::watch::{Receiver, Sender, channel};

#[tokio::test]
async fn the_last_value_is_seen() {
    let (sender, mut receiver): (Sender<u32>, Receiver<u32>) = channel(0);
    is_send_and_sync(&sender);
    assert!(!receiver.has_changed().unwrap());
    sender.send(1).unwrap();
    sender.send_modify(|value| *value += 1);
    assert!(!sender.send_if_modified(|_| false));
    receiver.changed().await.unwrap();
    assert_eq!(*receiver.borrow_and_update(), 2);
    assert_eq!(sender.send_replace(5), 2);
    assert_eq!(*receiver.wait_for(|value| *value > 4).await.unwrap(), 5);
    let mut other = sender.subscribe();
    assert_eq!((*other.borrow(), sender.receiver_count()), (5, 2));
    assert!(other.clone().same_channel(&receiver));
    other.mark_changed();
    other.changed().await.unwrap();
    let waiting = tokio::spawn(async move { other.changed().await.is_err() });
    drop(sender);
    assert!(waiting.await.unwrap());
    assert!(receiver.changed().await.is_err());
    let without = Sender::<u32>::default();
    assert!(without.send(1).is_err() && without.is_closed());
    without.closed().await;
}
