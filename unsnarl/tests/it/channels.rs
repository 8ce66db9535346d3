//! Channels behave like the standard library's.

use std::fmt::Debug;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::{Duration, Instant};

use unsnarl::sync::Arc;
use unsnarl::sync::atomic::{AtomicU32, Ordering};
use unsnarl::sync::mpsc::{
    IntoIter, Iter, Receiver, RecvError, RecvTimeoutError, SendError, Sender, SyncSender, TryIter,
    TryRecvError, TrySendError, channel, sync_channel,
};
use unsnarl::thread;

/// What the senders of both kinds of channels have in common.
trait Sends: Clone + Send + 'static {
    type Message;

    fn give(&self, message: Self::Message) -> Result<(), SendError<Self::Message>>;
}

impl<T: Send + 'static> Sends for Sender<T> {
    type Message = T;

    fn give(&self, message: T) -> Result<(), SendError<T>> {
        self.send(message)
    }
}

impl<T: Send + 'static> Sends for SyncSender<T> {
    type Message = T;

    fn give(&self, message: T) -> Result<(), SendError<T>> {
        self.send(message)
    }
}

/// Longer than a watched receiver sleeps before it looks around.
const LATE: Duration = Duration::from_millis(70);

/// Lets time pass. No test depends on it: it makes it likely that another thread waits by then.
fn pause(dur: Duration) {
    let (_sender, receiver) = channel::<()>();
    assert_eq!(receiver.recv_timeout(dur), Err(RecvTimeoutError::Timeout));
}

#[test]
fn a_message_is_received_in_every_way() {
    let (sender, receiver) = channel();
    (1..=4).for_each(|message| sender.send(message).unwrap());
    assert_eq!(receiver.recv(), Ok(1));
    assert_eq!(receiver.try_recv(), Ok(2));
    assert_eq!(receiver.recv_timeout(Duration::ZERO), Ok(3));
    assert_eq!(receiver.iter().next(), Some(4));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn a_bounded_channel_is_full_at_its_bound() {
    let (sender, receiver) = sync_channel(2);
    assert_eq!(sender.send(1), Ok(()));
    assert_eq!(sender.try_send(2), Ok(()));
    assert_eq!(sender.try_send(3), Err(TrySendError::Full(3)));
    assert_eq!(receiver.recv(), Ok(1));
    assert_eq!(sender.try_send(4), Ok(()));
    assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn a_channel_without_buffer_is_full_while_nobody_receives() {
    let (sender, receiver) = sync_channel(0);
    assert_eq!(sender.try_send(1), Err(TrySendError::Full(1)));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    drop(receiver);
    assert_eq!(sender.try_send(2), Err(TrySendError::Disconnected(2)));
}

#[test]
fn iterators_end_with_the_last_sender() {
    let (sender, receiver) = channel();
    let clone = sender.clone();
    sender.send(1).unwrap();
    clone.send(2).unwrap();
    assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [1, 2]);
    clone.send(3).unwrap();
    drop(clone);
    sender.send(4).unwrap();
    drop(sender);
    assert_eq!(receiver.iter().collect::<Vec<_>>(), [3, 4]);
    assert_eq!(IntoIterator::into_iter(&receiver).next(), None);
    assert_eq!(receiver.into_iter().next(), None);
}

#[test]
fn loops_over_a_receiver_wait_for_each_message() {
    let (sender, receiver) = sync_channel(0);
    let producer =
        thread::spawn(move || (0..100).for_each(|message| sender.send(message).unwrap()));
    let mut expected = 0..100;
    for message in &receiver {
        assert_eq!(Some(message), expected.next());
        if message == 49 {
            break;
        }
    }
    for message in receiver {
        assert_eq!(Some(message), expected.next());
    }
    assert_eq!(expected.next(), None);
    producer.join().unwrap();
}

#[test]
fn messages_outlive_their_senders() {
    let (sender, receiver) = channel();
    sender.send(1).unwrap();
    drop(sender);
    assert_eq!(receiver.recv(), Ok(1));
    assert_eq!(receiver.recv(), Err(RecvError));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    let timeout = receiver.recv_timeout(Duration::from_secs(60));
    assert_eq!(timeout, Err(RecvTimeoutError::Disconnected));
}

#[test]
fn a_sender_without_receiver_gets_its_message_back() {
    let (sender, receiver) = channel();
    drop(receiver);
    assert_eq!(sender.send("a"), Err(SendError("a")));
    let (sender, receiver) = sync_channel(1);
    sender.send("a").unwrap();
    drop(receiver);
    assert_eq!(sender.send("b"), Err(SendError("b")));
    assert_eq!(sender.try_send("c"), Err(TrySendError::Disconnected("c")));
}

#[test]
fn a_wait_with_a_timeout_takes_its_time() {
    let (sender, receiver) = channel::<u8>();
    let start = Instant::now();
    assert_eq!(receiver.recv_timeout(LATE), Err(RecvTimeoutError::Timeout));
    assert!(start.elapsed() >= LATE);
    sender.send(1).unwrap();
    assert_eq!(receiver.recv_timeout(LATE), Ok(1));
    assert_eq!(receiver.recv_timeout(LATE), Err(RecvTimeoutError::Timeout));
}

#[test]
fn a_message_that_comes_late_is_received() {
    let (sender, receiver) = channel();
    let producer = thread::spawn(move || {
        pause(LATE);
        sender.send(1).unwrap();
    });
    assert_eq!(receiver.recv(), Ok(1));
    assert_eq!(receiver.recv(), Err(RecvError));
    producer.join().unwrap();
}

#[test]
fn room_that_comes_late_is_used() {
    for bound in [0, 1] {
        let (sender, receiver) = sync_channel(bound);
        let producer = thread::spawn(move || {
            (0..4).for_each(|message| sender.send(message).unwrap());
        });
        pause(LATE);
        assert!(receiver.iter().eq(0..4));
        producer.join().unwrap();
    }
}

/// ```text
/// t1: recv ─────────── error
/// t2:       drop sender
/// ```
#[test]
fn a_waiting_receiver_hears_of_the_last_sender() {
    fn hears<S: Sends>(make: impl Fn() -> (S, Receiver<S::Message>))
    where
        S::Message: Send + Debug + PartialEq,
    {
        for round in 0..20 {
            let (sender, receiver) = make();
            let other = sender.clone();
            let waiting = thread::spawn(move || receiver.recv());
            drop(sender);
            if round % 8 == 0 {
                pause(LATE / 3);
            }
            drop(other);
            assert_eq!(waiting.join().unwrap(), Err(RecvError));
        }
    }
    hears(channel::<u8>);
    hears(|| sync_channel::<u8>(0));
    hears(|| sync_channel::<u8>(1));
}

/// ```text
/// t1: send ───────────── error, with the message
/// t2:       drop receiver
/// ```
#[test]
fn waiting_senders_hear_of_the_end_of_the_receiver() {
    for bound in [0, 1] {
        for round in 0..20 {
            let (sender, receiver) = sync_channel(bound);
            (0..bound).for_each(|_| sender.send(Box::new(0)).unwrap());
            let waiting = [1, 2].map(|message| {
                let sender = sender.clone();
                thread::spawn(move || sender.send(Box::new(message)))
            });
            if round % 8 == 0 {
                pause(LATE / 3);
            }
            drop(receiver);
            let [first, second] = waiting.map(|sender| sender.join().unwrap());
            assert_eq!(first, Err(SendError(Box::new(1))));
            assert_eq!(second, Err(SendError(Box::new(2))));
        }
    }
}

const SENDERS: usize = 4;
const MESSAGES: usize = 10_000;

/// Sends from four threads, and checks that each message arrives once, and those of one thread in order.
#[track_caller]
fn check_that_all_arrive<S>(
    (sender, receiver): (S, Receiver<(usize, usize)>),
    mut receive: impl FnMut(&Receiver<(usize, usize)>) -> Option<(usize, usize)>,
) where
    S: Sends<Message = (usize, usize)>,
{
    let producers: Vec<_> = (0..SENDERS)
        .map(|number| {
            let sender = sender.clone();
            thread::spawn(move || {
                (0..MESSAGES / SENDERS).for_each(|message| sender.give((number, message)).unwrap());
            })
        })
        .collect();
    drop(sender);
    let mut next = [0; SENDERS];
    while let Some((number, message)) = receive(&receiver) {
        assert_eq!(message, next[number]);
        next[number] += 1;
    }
    assert_eq!(next, [MESSAGES / SENDERS; SENDERS]);
    producers
        .into_iter()
        .for_each(|producer| producer.join().unwrap());
}

fn by_recv<T>(receiver: &Receiver<T>) -> Option<T> {
    receiver.recv().ok()
}

fn by_timeout<T>(receiver: &Receiver<T>) -> Option<T> {
    receiver.recv_timeout(Duration::from_secs(60)).ok()
}

fn by_trying<T>(receiver: &Receiver<T>) -> Option<T> {
    loop {
        match receiver.try_recv() {
            Ok(message) => return Some(message),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => thread::yield_now(),
        }
    }
}

#[test]
fn all_messages_arrive_over_an_unbounded_channel() {
    check_that_all_arrive(channel(), by_recv);
    check_that_all_arrive(channel(), by_timeout);
    check_that_all_arrive(channel(), by_trying);
}

#[test]
fn all_messages_arrive_over_a_bounded_channel() {
    for bound in [0, 1, 8] {
        check_that_all_arrive(sync_channel(bound), by_recv);
        check_that_all_arrive(sync_channel(bound), by_timeout);
    }
    // Who only tries meets the senders of a channel without buffer too.
    check_that_all_arrive(sync_channel(0), by_trying);
}

/// ```text
/// t1: send ping ─ recv pong
/// t2:  recv ping ─ send pong
/// ```
#[test]
fn two_threads_that_answer_each_other_go_on() {
    for bound in [0, 1] {
        let (ping, pings) = sync_channel(bound);
        let (pong, pongs) = sync_channel(bound);
        let answering = thread::spawn(move || {
            pings
                .iter()
                .for_each(|message: u32| pong.send(message + 1).unwrap());
        });
        for message in 0..1_000 {
            ping.send(message).unwrap();
            assert_eq!(pongs.recv(), Ok(message + 1));
        }
        drop(ping);
        answering.join().unwrap();
    }
}

#[test]
fn messages_that_nobody_takes_are_dropped_once() {
    struct Counted(Arc<AtomicU32>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let dropped = Arc::new(AtomicU32::new(0));
    let (sender, receiver) = sync_channel(2);
    sender.send(Counted(Arc::clone(&dropped))).unwrap();
    sender.send(Counted(Arc::clone(&dropped))).unwrap();
    drop(sender.try_send(Counted(Arc::clone(&dropped))));
    drop(receiver);
    assert_eq!(dropped.load(Ordering::SeqCst), 3);
    drop(sender.send(Counted(Arc::clone(&dropped))));
    assert_eq!(dropped.load(Ordering::SeqCst), 4);
}

#[test]
fn a_channel_works_while_a_thread_ends() {
    struct Last(Sender<u8>);
    impl Drop for Last {
        fn drop(&mut self) {
            self.0.send(1).unwrap();
            let (sender, receiver) = sync_channel(1);
            sender.send(2).unwrap();
            assert_eq!(receiver.recv(), Ok(2));
        }
    }
    unsnarl::thread_local! {
        static LAST: std::cell::RefCell<Option<Last>> = const { std::cell::RefCell::new(None) };
    }
    let (sender, receiver) = channel();
    let ending = thread::spawn(move || LAST.set(Some(Last(sender))));
    assert_eq!(receiver.recv(), Ok(1));
    assert_eq!(receiver.recv(), Err(RecvError));
    ending.join().unwrap();
}

#[test]
fn debug_output_is_that_of_the_standard_library() {
    let (sender, receiver) = channel::<u8>();
    assert_eq!(
        format!("{sender:?} {receiver:?}"),
        "Sender { .. } Receiver { .. }"
    );
    assert_eq!(
        format!("{:?}", receiver.iter()),
        "Iter { rx: Receiver { .. } }"
    );
    assert_eq!(
        format!("{:?}", receiver.try_iter()),
        "TryIter { rx: Receiver { .. } }"
    );
    assert_eq!(
        format!("{:?}", receiver.into_iter()),
        "IntoIter { rx: Receiver { .. } }"
    );
    let (sender, _receiver) = sync_channel::<u8>(0);
    assert_eq!(format!("{sender:?}"), "SyncSender { .. }");
}

#[test]
fn endpoints_may_go_where_those_of_the_standard_library_go() {
    fn is_safe<T: UnwindSafe + RefUnwindSafe + Unpin>() {}
    fn is_send<T: Send>() {}
    fn is_sync<T: Sync>() {}
    trait IsNotSync<Hint> {
        fn holds() {}
    }
    // If the type were `Sync`, both would fit, and `_` below could not be inferred.
    impl<T> IsNotSync<()> for T {}
    impl<T: Sync> IsNotSync<u8> for T {}

    is_safe::<(Sender<u8>, SyncSender<u8>, Receiver<u8>)>();
    is_safe::<(Iter<'_, u8>, TryIter<'_, u8>, IntoIter<u8>)>();
    is_send::<(Sender<u8>, SyncSender<u8>, Receiver<u8>, IntoIter<u8>)>();
    is_sync::<(Sender<u8>, SyncSender<u8>)>();
    <Receiver<u8> as IsNotSync<_>>::holds();
    <IntoIter<u8> as IsNotSync<_>>::holds();
}
