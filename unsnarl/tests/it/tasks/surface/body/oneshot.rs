//! `oneshot`.

use super::tokio;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::oneshot::{Receiver, Sender, channel};

#[tokio::test]
async fn one_message_or_none() {
    let (sender, receiver): (Sender<u32>, Receiver<u32>) = channel();
    let sending = tokio::spawn(async move { sender.send(1) });
    assert_eq!(receiver.await, Ok(1));
    sending.await.unwrap().unwrap();
    let (sender, receiver) = channel::<u32>();
    drop(sender);
    assert!(receiver.await.is_err());
    let (mut sender, mut receiver) = channel::<u32>();
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    receiver.close();
    sender.closed().await;
    assert!(sender.is_closed());
    assert_eq!(sender.send(3), Err(3));
}

#[tokio::test]
async fn a_receiver_may_be_polled_by_reference() {
    let (sender, mut receiver) = channel();
    tokio::select! {
        biased;
        _ = &mut receiver => panic!("nothing was sent"),
        () = std::future::ready(()) => {}
    }
    sender.send(2).unwrap();
    assert_eq!(receiver.await, Ok(2));
}

#[test]
fn threads_may_block_on_it() {
    let (sender, receiver) = channel();
    let thread = std::thread::spawn(move || receiver.blocking_recv());
    sender.send(1).unwrap();
    assert_eq!(thread.join().unwrap(), Ok(1));
}
