use std::future::{poll_fn, Future};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

/// An executor as small as can be: it parks the thread.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// A flag that a task can wait for.
#[derive(Default)]
struct Flag {
    is_up: Mutex<bool>,
    waker: Mutex<Option<Waker>>,
}

impl Flag {
    fn raise(&self) {
        *self.is_up.lock().unwrap() = true;
        if let Some(waker) = self.waker.lock().unwrap().take() {
            waker.wake();
        }
    }

    fn keep(&self, waker: &Waker) {
        *self.waker.lock().unwrap() = Some(waker.clone());
    }

    fn is_up(&self) -> Poll<()> {
        match *self.is_up.lock().unwrap() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

/// The flag is looked at before the waker is there.
#[test]
fn hidden_lost_wakeup() {
    let flag = Arc::new(Flag::default());
    let other = Arc::clone(&flag);
    let raises = thread::spawn(move || other.raise());
    block_on(poll_fn(|context| {
        let is_up = flag.is_up();
        flag.keep(context.waker());
        is_up
    }));
    raises.join().unwrap();
}

/// The waker is there first.
#[test]
fn right_wakeup() {
    let flag = Arc::new(Flag::default());
    let other = Arc::clone(&flag);
    let raises = thread::spawn(move || other.raise());
    block_on(poll_fn(|context| {
        flag.keep(context.waker());
        flag.is_up()
    }));
    raises.join().unwrap();
}

/// Two threads answer, and which one comes first is nobody's business but this test's.
#[tokio::test]
async fn hidden_order() {
    let (sender, mut receiver) = mpsc::channel(2);
    for number in [1, 2] {
        let sender = sender.clone();
        thread::spawn(move || sender.blocking_send(number).unwrap());
    }
    assert_eq!(receiver.recv().await, Some(1));
}

/// Tasks, a thread, and an hour that nobody has to wait for.
#[tokio::test]
async fn right_order() {
    let (sender, receiver) = oneshot::channel();
    let asks = tokio::spawn(async move { receiver.await.unwrap() });
    let answers = thread::spawn(move || sender.send(7).unwrap());
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(asks.await.unwrap(), 7);
    answers.join().unwrap();
}
