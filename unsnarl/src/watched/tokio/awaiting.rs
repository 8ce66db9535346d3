//! An operation that a task awaits.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};

use crate::recorder::cancellations;
use crate::recorder::tasks::suspension::{Await, Pending};
use crate::recorder::tasks::{self, Task};

/// An operation that may be pending.
#[derive(Default)]
pub(crate) struct Operation {
    pending: Option<Pending>,
    /// It was suspended though it could have gone on.
    was_held_up: bool,
}

impl Operation {
    /// Polls it. Its task is woken through a waker that only watched operations have.
    pub(crate) fn poll<R>(
        &mut self,
        cx: &mut Context<'_>,
        awaited: impl FnOnce() -> Await,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        let Some(task) = tasks::polled_with(cx.waker()) else {
            self.pending = None;
            return poll(cx);
        };
        let waker = task.waker_for_watched();
        if cancellations::is_suspending() && !std::mem::replace(&mut self.was_held_up, true) {
            // tokio does the same with a task that has run for long.
            self.pending = Some(Pending::new(task, awaited()));
            waker.wake_by_ref();
            return Poll::Pending;
        }
        let result = poll(&mut Context::from_waker(&waker));
        if result.is_ready() {
            self.pending = None;
        } else if !self
            .pending
            .as_ref()
            .is_some_and(|pending| pending.is_of(&task))
        {
            self.pending = Some(Pending::new(task, awaited()));
        }
        result
    }
}

/// Awaits an operation that does nothing but wait.
pub(crate) async fn on<F: Future>(awaited: impl Fn() -> Await, future: F) -> F::Output {
    let mut operation = Operation::default();
    let mut future = pin!(future);
    poll_fn(|cx| operation.poll(cx, &awaited, |cx| future.as_mut().poll(cx))).await
}

/// Runs `f` on the task that awaits this, if it is watched.
pub(crate) async fn with_task(f: impl Fn(&Task)) {
    poll_fn(|cx| {
        if let Some(task) = tasks::polled_with(cx.waker()) {
            f(&task);
        }
        Poll::Ready(())
    })
    .await;
}
