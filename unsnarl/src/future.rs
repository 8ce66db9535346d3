//! A small executor for tests: each task is a thread that polls its future and parks in between.
//!
//! It is made of `unsnarl::thread` and `unsnarl::sync` only. So in an explored run the schedule decides which task is
//! polled next and when a waker wakes, and a task that nobody wakes any more is part of a deadlock; outside one it simply
//! works, on threads of the operating system.
//!
//! ```
//! use unsnarl::future::{block_on, spawn, yield_now};
//!
//! unsnarl::check(|| {
//!     let sum = block_on(async {
//!         let one = spawn(async { 1 });
//!         yield_now().await;
//!         one.await.unwrap() + 1
//!     });
//!     assert_eq!(sum, 2);
//! });
//! ```

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::thread;

/// Wakes the thread that polls a future.
struct Alarm {
    thread: thread::Thread,
    rings: AtomicBool,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Release, for the swap of who polls: it sees what was done before.
        self.rings.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// Polls a future until it is ready, and parks in between. Returns what it came to.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let alarm = Arc::new(Alarm {
        thread: thread::current(),
        rings: AtomicBool::new(false),
    });
    let waker = Waker::from(Arc::clone(&alarm));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        // Acquire: see the store. A park may be over for no reason.
        while !alarm.rings.swap(false, Ordering::Acquire) {
            thread::park();
        }
    }
}

/// Waits for the result of a task, as a future; dropping it lets the task run on by itself.
#[derive(Debug)]
#[must_use = "a handle that is dropped lets its task run on by itself"]
pub struct JoinHandle<T> {
    /// Until the result is taken.
    thread: Option<thread::JoinHandle<T>>,
    end: Arc<End>,
}

/// The end of a task, which has come or will.
#[derive(Debug, Default)]
struct End(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    has_come: bool,
    waiting: Option<Waker>,
}

impl End {
    fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Tells who waits that the task has ended, however it did.
struct Tells(Arc<End>);

impl Drop for Tells {
    fn drop(&mut self) {
        let waiting = self.0.with(|state| {
            state.has_come = true;
            state.waiting.take()
        });
        if let Some(waker) = waiting {
            waker.wake();
        }
    }
}

/// Starts a task.
///
/// # Panics
///
/// If the operating system has no thread for it.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let end = Arc::new(End::default());
    let tells = Tells(Arc::clone(&end));
    let thread = thread::spawn(move || {
        let _tells = tells;
        block_on(future)
    });
    JoinHandle {
        thread: Some(thread),
        end,
    }
}

impl<T> JoinHandle<T> {
    /// Whether the task has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.end.with(|state| state.has_come)
    }
}

/// What the task came to, or with what it panicked.
///
/// # Panics
///
/// If it is polled again after that.
impl<T> Future for JoinHandle<T> {
    type Output = thread::Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let has_come = self.end.with(|state| {
            if !state.has_come {
                state.waiting = Some(context.waker().clone());
            }
            state.has_come
        });
        if !has_come {
            return Poll::Pending;
        }
        let thread = self.thread.take();
        let thread = thread.expect("a task is waited for until its result is there, and not again");
        // It has nothing left to do.
        Poll::Ready(thread.join())
    }
}

/// Lets other tasks go first.
pub fn yield_now() -> impl Future<Output = ()> {
    let mut has_yielded = false;
    std::future::poll_fn(move |context| {
        if std::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        thread::yield_now();
        Poll::Pending
    })
}
