//! `tokio::task::JoinHandle`, watched.

use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::tokio::task::JoinError;
use lockgraph::wait::need::{Need, Target};
use model::id::{LockId, ThreadId};
use model::kind::Kind;
use model::site::{Caller, Origin};

use super::awaiting::Operation;
use crate::recorder::tasks::Task;
use crate::recorder::tasks::suspension::Await;
use crate::recorder::threads::Child;

/// The watched form of [`tokio::task::JoinHandle`](::tokio::task::JoinHandle).
pub struct JoinHandle<T> {
    inner: ::tokio::task::JoinHandle<T>,
    task: Option<(ThreadId, Option<Child>)>,
    spawned: Caller,
    operation: Operation,
}

impl<T> JoinHandle<T> {
    pub(crate) fn new(
        inner: ::tokio::task::JoinHandle<T>,
        task: Option<Arc<Task>>,
        spawned: Caller,
    ) -> Self {
        Self {
            inner,
            task: task.map(|task| (task.id(), task.child().cloned())),
            spawned,
            operation: Operation::default(),
        }
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let Some((id, child)) = &this.task else {
            return Pin::new(&mut this.inner).poll(cx);
        };
        let awaited = || Await {
            target: Target {
                id: LockId::NONE,
                kind: Kind::Task,
                origin: Origin::Created(this.spawned),
            },
            need: Need::End(*id),
            site: this.spawned,
        };
        let poll = |cx: &mut Context<'_>| Pin::new(&mut this.inner).poll(cx);
        let result = this.operation.poll(cx, awaited, poll);
        if let (true, Some(child)) = (result.is_ready(), child) {
            child.joined();
        }
        result
    }
}

/// What needs no watching: `abort`, `is_finished`, `id`, …
impl<T> Deref for JoinHandle<T> {
    type Target = ::tokio::task::JoinHandle<T>;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl<T> Unpin for JoinHandle<T> {}

impl<T: fmt::Debug> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
