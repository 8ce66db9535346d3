//! `mpsc`.

use std::time::Duration;

use super::{is_send_and_sync, tokio};
use tokio::sync::mpsc::error::{SendError, TryRecvError, TrySendError};
use tokio::sync::mpsc::{
    OwnedPermit, Permit, Receiver, Sender, UnboundedReceiver, UnboundedSender, WeakSender, channel,
    unbounded_channel,
};

#[tokio::test]
async fn messages_arrive_in_order() {
    let (sender, mut receiver): (Sender<u32>, Receiver<u32>) = channel(2);
    is_send_and_sync(&sender);
    sender.send(1).await.unwrap();
    sender.try_send(2).unwrap();
    assert!(matches!(sender.try_send(3), Err(TrySendError::Full(3))));
    assert_eq!((sender.capacity(), sender.max_capacity()), (0, 2));
    let late = tokio::spawn({
        let sender = sender.clone();
        async move { sender.send(3).await }
    });
    assert_eq!(receiver.recv().await, Some(1));
    late.await.unwrap().unwrap();
    let mut rest = Vec::new();
    assert_eq!(receiver.recv_many(&mut rest, 9).await, 2);
    assert_eq!(rest, [2, 3]);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    sender
        .send_timeout(4, Duration::from_secs(9))
        .await
        .unwrap();
    assert_eq!(
        std::future::poll_fn(|cx| receiver.poll_recv(cx)).await,
        Some(4)
    );
    let weak: WeakSender<u32> = sender.downgrade();
    assert!(weak.upgrade().unwrap().same_channel(&sender));
    drop(sender);
    assert_eq!(receiver.recv().await, None);
    assert!(weak.upgrade().is_none());
}

#[tokio::test]
async fn room_can_be_kept() {
    let (sender, mut receiver) = channel(2);
    let permit: Permit<'_, u32> = sender.reserve().await.unwrap();
    permit.send(1);
    sender.try_reserve().unwrap().send(2);
    assert!(sender.try_reserve().is_err());
    assert_eq!(
        (receiver.recv().await, receiver.recv().await),
        (Some(1), Some(2))
    );
    for (number, permit) in sender.reserve_many(2).await.unwrap().enumerate() {
        permit.send(u32::try_from(number).unwrap());
    }
    assert_eq!(
        sender
            .try_reserve_many(1)
            .err()
            .map(|error| error.to_string())
            .as_deref(),
        Some("no available capacity")
    );
    assert_eq!(
        (receiver.recv().await, receiver.recv().await),
        (Some(0), Some(1))
    );
    let owned: OwnedPermit<u32> = sender.reserve_owned().await.unwrap();
    let sender = owned.release();
    let sender = sender.try_reserve_owned().unwrap().send(7);
    assert_eq!(receiver.recv().await, Some(7));
    receiver.close();
    let refused: SendError<u32> = sender.send(8).await.unwrap_err();
    assert_eq!(refused.0, 8);
    sender.closed().await;
    assert!(sender.is_closed());
}

#[tokio::test]
async fn without_bounds() {
    let (sender, mut receiver): (UnboundedSender<u32>, UnboundedReceiver<u32>) =
        unbounded_channel();
    (0..3).for_each(|number| sender.send(number).unwrap());
    assert_eq!((receiver.len(), receiver.recv().await), (3, Some(0)));
    let mut rest = Vec::new();
    receiver.recv_many(&mut rest, 9).await;
    assert_eq!(rest, [1, 2]);
    drop(receiver);
    assert!(sender.send(4).is_err() && sender.is_closed());
}

#[test]
fn threads_may_block_on_them() {
    let (sender, mut receiver) = channel(1);
    let thread = std::thread::spawn(move || (receiver.blocking_recv(), receiver.blocking_recv()));
    sender.blocking_send(1).unwrap();
    drop(sender);
    assert_eq!(thread.join().unwrap(), (Some(1), None));
}
