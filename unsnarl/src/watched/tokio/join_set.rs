//! `tokio::task::JoinSet`, watched.

use std::collections::HashMap;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::tokio::runtime::Handle;
use ::tokio::task::{AbortHandle, Id, JoinError, LocalSet};
use lockgraph::wait::need::{Deed, Need};
use model::kind::Kind;
use model::site::Caller;

use super::awaiting::{Operation, on};
use super::spawn;
use crate::recorder::tasks::Task;
use crate::recorder::tasks::suspension::Await;
use crate::recorder::threads::Child;
use crate::watched::tag::Tag;

/// The watched form of [`tokio::task::JoinSet`](::tokio::task::JoinSet).
pub struct JoinSet<T> {
    inner: ::tokio::task::JoinSet<T>,
    tag: Tag,
    created: Caller,
    /// What its tasks leave to whoever sees their end.
    children: HashMap<Id, Child>,
    operation: Operation,
}

/// A task that has ended, and how.
type Ended<T> = Result<(Id, T), JoinError>;

impl<T> JoinSet<T> {
    /// A set without tasks. See [`tokio::task::JoinSet::new`](::tokio::task::JoinSet::new).
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        let created = Location::caller();
        Self {
            inner: ::tokio::task::JoinSet::new(),
            tag: Tag::new(Kind::JoinSet, created),
            created,
            children: HashMap::new(),
            operation: Operation::default(),
        }
    }
}

impl<T: 'static> JoinSet<T> {
    /// Spawns a task into the set. See [`tokio::task::JoinSet::spawn`](::tokio::task::JoinSet::spawn).
    ///
    /// # Panics
    ///
    /// If it is not called from a runtime.
    #[track_caller]
    pub fn spawn<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        let (errand, task) = spawn::sent(&Handle::current(), task, Location::caller());
        let handle = self.inner.spawn(errand);
        self.added(handle, task)
    }

    /// Spawns a task into the set, on this runtime. See
    /// [`tokio::task::JoinSet::spawn_on`](::tokio::task::JoinSet::spawn_on).
    #[track_caller]
    pub fn spawn_on<F>(&mut self, task: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        let (errand, task) = spawn::sent(handle, task, Location::caller());
        let handle = self.inner.spawn_on(errand, handle);
        self.added(handle, task)
    }

    /// Spawns a task into the set that stays on this thread. See
    /// [`tokio::task::JoinSet::spawn_local`](::tokio::task::JoinSet::spawn_local).
    ///
    /// # Panics
    ///
    /// If it is not called from a `LocalSet` or a local runtime.
    #[track_caller]
    pub fn spawn_local<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        let (errand, task) = spawn::local(task, Location::caller());
        let handle = self.inner.spawn_local(errand);
        self.added(handle, task)
    }

    /// Spawns a task into the set, and into this set of tasks of one thread. See
    /// [`tokio::task::JoinSet::spawn_local_on`](::tokio::task::JoinSet::spawn_local_on).
    #[track_caller]
    pub fn spawn_local_on<F>(&mut self, task: F, local_set: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        let (errand, task) = spawn::local(task, Location::caller());
        let handle = self.inner.spawn_local_on(errand, local_set);
        self.added(handle, task)
    }

    /// Runs a function where it may block, as a task of the set. See
    /// [`tokio::task::JoinSet::spawn_blocking`](::tokio::task::JoinSet::spawn_blocking).
    ///
    /// # Panics
    ///
    /// If it is not called from a runtime.
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        let (f, task) = spawn::on_its_own(f, Location::caller());
        let handle = self.inner.spawn_blocking(f);
        self.added(handle, task)
    }

    /// Runs a function where it may block, as a task of the set, for this runtime. See
    /// [`tokio::task::JoinSet::spawn_blocking_on`](::tokio::task::JoinSet::spawn_blocking_on).
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, f: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        let (f, task) = spawn::on_its_own(f, Location::caller());
        let handle = self.inner.spawn_blocking_on(f, handle);
        self.added(handle, task)
    }

    fn added(&mut self, handle: AbortHandle, task: Option<Arc<Task>>) -> AbortHandle {
        if let Some(child) = task.and_then(|task| task.child().cloned()) {
            self.children.insert(handle.id(), child);
        }
        handle
    }

    /// Waits until one of the tasks has ended. See [`tokio::task::JoinSet::join_next`](::tokio::task::JoinSet::join_next).
    #[track_caller]
    pub fn join_next(&mut self) -> impl Future<Output = Option<Result<T, JoinError>>> {
        let next = self.join_next_with_id();
        async move { Some(next.await?.map(|(_, value)| value)) }
    }

    /// Waits until one of the tasks has ended, and tells which. See
    /// [`tokio::task::JoinSet::join_next_with_id`](::tokio::task::JoinSet::join_next_with_id).
    #[track_caller]
    pub fn join_next_with_id(&mut self) -> impl Future<Output = Option<Ended<T>>> {
        let site = Location::caller();
        async move {
            let tag = &self.tag;
            let next = on(|| an_end(tag, site), self.inner.join_next_with_id()).await?;
            self.note(&next);
            Some(next)
        }
    }

    /// A task that has ended, if there is one. See
    /// [`tokio::task::JoinSet::try_join_next`](::tokio::task::JoinSet::try_join_next).
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        Some(self.try_join_next_with_id()?.map(|(_, value)| value))
    }

    /// A task that has ended, and which, if there is one. See
    /// [`tokio::task::JoinSet::try_join_next_with_id`](::tokio::task::JoinSet::try_join_next_with_id).
    pub fn try_join_next_with_id(&mut self) -> Option<Ended<T>> {
        let next = self.inner.try_join_next_with_id()?;
        self.note(&next);
        Some(next)
    }

    /// Polls for a task that has ended. See
    /// [`tokio::task::JoinSet::poll_join_next`](::tokio::task::JoinSet::poll_join_next).
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        let next = self.poll_join_next_with_id(cx);
        next.map(|next| next.map(|next| next.map(|(_, value)| value)))
    }

    /// Polls for a task that has ended, and tells which. See
    /// [`tokio::task::JoinSet::poll_join_next_with_id`](::tokio::task::JoinSet::poll_join_next_with_id).
    pub fn poll_join_next_with_id(&mut self, cx: &mut Context<'_>) -> Poll<Option<Ended<T>>> {
        let awaited = || an_end(&self.tag, self.created);
        let poll = |cx: &mut Context<'_>| self.inner.poll_join_next_with_id(cx);
        let next = self.operation.poll(cx, awaited, poll);
        if let Poll::Ready(Some(next)) = &next {
            self.note(next);
        }
        next
    }

    /// Aborts all tasks, and waits for their ends. See [`tokio::task::JoinSet::shutdown`](::tokio::task::JoinSet::shutdown).
    #[track_caller]
    pub fn shutdown(&mut self) -> impl Future<Output = ()> {
        let site = Location::caller();
        async move {
            self.inner.abort_all();
            while let Some(next) =
                on(|| an_end(&self.tag, site), self.inner.join_next_with_id()).await
            {
                self.note(&next);
            }
        }
    }

    /// Waits for the ends of all tasks. See [`tokio::task::JoinSet::join_all`](::tokio::task::JoinSet::join_all).
    ///
    /// # Panics
    ///
    /// If one of them does.
    #[track_caller]
    pub fn join_all(mut self) -> impl Future<Output = Vec<T>> {
        let site = Location::caller();
        async move {
            let mut values = Vec::with_capacity(self.inner.len());
            while let Some(next) =
                on(|| an_end(&self.tag, site), self.inner.join_next_with_id()).await
            {
                self.note(&next);
                match next {
                    Ok((_, value)) => values.push(value),
                    Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                    Err(error) => panic!("{error}"),
                }
            }
            values
        }
    }

    /// The end of a task was seen.
    fn note(&mut self, next: &Ended<T>) {
        let id = match next {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        if let Some(child) = self.children.remove(&id) {
            child.joined();
        }
    }
}

/// A wait for the end of a task of a set.
fn an_end(tag: &Tag, site: Caller) -> Await {
    Await {
        target: tag.target(),
        need: Need::Anyone(Deed::End),
        site,
    }
}

/// What needs no watching: `len`, `abort_all`, `detach_all`, …
impl<T> Deref for JoinSet<T> {
    type Target = ::tokio::task::JoinSet<T>;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl<T> DerefMut for JoinSet<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.inner
    }
}

impl<T> Default for JoinSet<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl<T, F> FromIterator<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn from_iter<I: IntoIterator<Item = F>>(iter: I) -> Self {
        let mut set = Self::new();
        iter.into_iter().for_each(|task| {
            set.spawn(task);
        });
        set
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
