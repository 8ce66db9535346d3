//! What a task runs: its future, with what the task has in place whenever it is polled or dropped.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::population::Counted;
use crate::recorder::tasks::Task;

/// The future of a task, or the one that a thread blocks on.
pub(crate) struct Errand<F> {
    /// `None` if it is over, or nothing is watched.
    task: Option<Arc<Task>>,
    /// `None` if it is over. Pinned with this.
    future: Option<F>,
    /// It is counted with those of its runtime until it is dropped.
    _counted: Option<Counted>,
}

impl<F> Errand<F> {
    pub(crate) fn new(task: Option<Arc<Task>>, future: F, counted: Option<Counted>) -> Self {
        Self {
            task,
            future: Some(future),
            _counted: counted,
        }
    }
}

impl<F: Future> Errand<F> {
    /// Polls the future while its task is in place.
    ///
    /// # Panics
    ///
    /// If the task is told that it would never go on.
    #[track_caller]
    fn poll_in_place(
        task: &Arc<Task>,
        mut future: Pin<&mut Option<F>>,
        cx: &mut Context<'_>,
    ) -> Poll<F::Output> {
        let Some((visit, waker)) = task.visit(cx.waker()) else {
            return poll(future, cx);
        };
        if let Some(message) = task.heed() {
            panic!("unsnarl: {message}");
        }
        let result = poll(future.as_mut(), &mut Context::from_waker(&waker));
        drop(waker);
        if result.is_ready() {
            future.set(None);
            task.finish();
        } else if let Some(message) = task.suspend() {
            drop(visit);
            panic!("unsnarl: {message}");
        }
        result
    }
}

fn poll<F: Future>(future: Pin<&mut Option<F>>, cx: &mut Context<'_>) -> Poll<F::Output> {
    let future = future.as_pin_mut();
    future
        .expect("a future that is over is not polled again")
        .poll(cx)
}

impl<F: Future> Future for Errand<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: nothing is moved out of the future's place, which is pinned with `self` and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        let mut future = unsafe { Pin::new_unchecked(&mut this.future) };
        let Some(task) = &this.task else {
            return poll(future, cx);
        };
        let result = Self::poll_in_place(task, future.as_mut(), cx);
        if result.is_ready() {
            this.task = None;
        }
        result
    }
}

impl<F> Drop for Errand<F> {
    /// The future is dropped as the task's own doing: the task was cancelled.
    fn drop(&mut self) {
        let Some(task) = self.task.take() else { return };
        let visit = task.stay();
        self.future = None;
        if visit.is_some() {
            task.finish();
        } else {
            task.abandon();
        }
    }
}
