use std::time::Duration;

use super::sync::mpsc::{
    IntoIter, Iter, Receiver, RecvError, RecvTimeoutError, SendError, Sender, SyncSender, TryIter,
    TryRecvError, TrySendError, channel, sync_channel,
};
use super::thread;

const MOMENT: Duration = Duration::from_millis(5);
const LONG: Duration = Duration::from_secs(60);

#[test]
fn messages_arrive_in_order_from_every_sender() {
    let (sender, receiver): (Sender<_>, Receiver<_>) = channel();
    thread::scope(|scope| {
        for part in 0..4 {
            let sender = sender.clone();
            scope.spawn(move || (0..100).for_each(|n| sender.send((part, n)).unwrap()));
        }
        drop(sender);
        let all: Vec<_> = receiver.iter().collect();
        assert_eq!(all.len(), 400);
        for part in 0..4 {
            let numbers = all.iter().filter(|message| message.0 == part);
            assert!(numbers.map(|message| message.1).eq(0..100));
        }
    });
    assert_eq!(receiver.recv(), Err(RecvError));
}

#[test]
fn an_empty_channel_says_so() {
    let (sender, receiver) = channel::<u8>();
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(
        receiver.recv_timeout(MOMENT),
        Err(RecvTimeoutError::Timeout)
    );
    sender.send(1).unwrap();
    assert_eq!(receiver.recv_timeout(LONG), Ok(1));
    sender.send(2).unwrap();
    drop(sender);
    assert_eq!(receiver.try_recv(), Ok(2));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    assert_eq!(
        receiver.recv_timeout(LONG),
        Err(RecvTimeoutError::Disconnected)
    );
    assert_eq!(receiver.recv(), Err(RecvError));
}

#[test]
fn a_message_comes_back_when_nobody_listens() {
    let (sender, _) = channel();
    assert_eq!(sender.send(1), Err(SendError(1)));
    let (sender, _) = sync_channel(1);
    assert_eq!(sender.send(1), Err(SendError(1)));
    assert_eq!(sender.try_send(1), Err(TrySendError::Disconnected(1)));
}

#[test]
fn a_full_channel_keeps_its_sender_waiting() {
    let (sender, receiver): (SyncSender<_>, _) = sync_channel(1);
    sender.try_send(0).unwrap();
    assert_eq!(sender.try_send(1), Err(TrySendError::Full(1)));
    thread::scope(|scope| {
        let sender = sender.clone();
        scope.spawn(move || (1..100).for_each(|n| sender.send(n).unwrap()));
        assert!((0..100).all(|n| receiver.recv() == Ok(n)));
    });
    drop(sender);
    assert!(receiver.recv().is_err());
}

#[test]
fn a_channel_without_room_hands_over() {
    let (sender, receiver) = sync_channel(0);
    assert_eq!(sender.try_send(0), Err(TrySendError::Full(0)));
    thread::scope(|scope| {
        scope.spawn(move || (0..100).for_each(|n| sender.send(n).unwrap()));
        assert!((0..100).all(|n| receiver.recv() == Ok(n)));
        assert!(receiver.recv().is_err());
    });
}

#[test]
fn a_waiting_sender_hears_of_the_receivers_end() {
    let (sender, receiver) = sync_channel(0);
    thread::scope(|scope| {
        let waiting = scope.spawn(move || sender.send(1));
        drop(receiver);
        assert_eq!(waiting.join().unwrap(), Err(SendError(1)));
    });
}

#[test]
fn a_receiver_is_iterated_in_three_ways() {
    let (sender, receiver) = channel();
    (0..4).for_each(|n| sender.send(n).unwrap());
    let mut iter: Iter<'_, _> = receiver.iter();
    assert_eq!(iter.next(), Some(0));
    assert_eq!(first(&receiver), Some(1));
    let mut tried: TryIter<'_, _> = receiver.try_iter();
    assert_eq!(
        (tried.next(), tried.next(), tried.next()),
        (Some(2), Some(3), None)
    );
    sender.send(4).unwrap();
    drop(sender);
    let rest: IntoIter<_> = receiver.into_iter();
    assert_eq!(rest.collect::<Vec<_>>(), [4]);
}

fn first<I: IntoIterator>(items: I) -> Option<I::Item> {
    items.into_iter().next()
}

#[test]
fn endpoints_are_shown_without_what_they_hide() {
    let (sender, receiver) = channel::<u8>();
    assert_eq!(
        format!("{sender:?} {receiver:?}"),
        "Sender { .. } Receiver { .. }"
    );
    let (sender, _receiver) = sync_channel::<u8>(1);
    assert_eq!(format!("{sender:?}"), "SyncSender { .. }");
}
