//! `broadcast`.

use super::{is_send_and_sync, tokio};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::broadcast::{Receiver, Sender, WeakSender, channel};

#[tokio::test]
async fn everybody_gets_every_message() {
    let (sender, mut one): (Sender<u32>, Receiver<u32>) = channel(2);
    is_send_and_sync(&sender);
    let mut other = sender.subscribe();
    let waiting = tokio::spawn(async move { (other.recv().await, other.recv().await) });
    tokio::task::yield_now().await;
    assert_eq!(sender.send(1).unwrap(), 2);
    assert_eq!(one.recv().await, Ok(1));
    assert_eq!(one.try_recv(), Err(TryRecvError::Empty));
    let weak: WeakSender<u32> = sender.downgrade();
    assert!(weak.upgrade().unwrap().same_channel(&sender));
    sender.send(2).unwrap();
    assert_eq!(waiting.await.unwrap(), (Ok(1), Ok(2)));
    let mut late = one.resubscribe();
    for number in 3..7 {
        sender.send(number).unwrap();
    }
    assert!(matches!(late.recv().await, Err(RecvError::Lagged(2))));
    drop(sender);
    assert_eq!(late.recv().await, Ok(5));
    assert_eq!(late.recv().await, Ok(6));
    assert_eq!(late.recv().await, Err(RecvError::Closed));
    assert_eq!(Sender::<u8>::new(1).receiver_count(), 0);
}
