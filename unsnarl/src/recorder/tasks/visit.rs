//! A task on a thread: what it has is in the place of the thread's own while it is polled.

use std::cell::Cell;
use std::sync::Arc;
use std::task::Waker;

use lockgraph::held::{Held, Local};
use model::id::{LockId, ThreadId};

use super::{CURRENT, TASKS, Task, claims, lock};
use crate::recorder::noise::Place;
use crate::recorder::profile::Being;
use crate::recorder::races::halves::Half;
use crate::recorder::races::{is_watching, locks};
use crate::recorder::seats::seats;
use crate::recorder::state::{Identity, Life, fresh_id, fresh_thread, quiet, with};
use crate::recorder::{alarm, leaks, profile};

/// What a task has, or a thread while it polls one.
pub(super) struct Image {
    pub(super) held: Local,
    pub(super) identity: Option<Box<Identity>>,
    pub(super) life: Life,
    pub(super) half: Half,
    pub(super) place: Place,
    pub(super) profile: profile::Half,
}

impl Image {
    fn swap(&mut self) {
        with(|thread| {
            std::mem::swap(&mut thread.held, &mut self.held);
            std::mem::swap(&mut thread.identity, &mut self.identity);
            std::mem::swap(&mut thread.life, &mut self.life);
        });
        self.half.swap();
        self.place.swap();
        self.profile.swap();
    }
}

thread_local! {
    /// What orders the polls of the tasks that only this thread runs.
    static POLLS: Cell<LockId> = const { Cell::new(LockId::NONE) };
    /// This thread's number for them, if it has none of its own.
    static HOST: Cell<ThreadId> = const { Cell::new(ThreadId(0)) };
}

/// The task runs on this thread until this is dropped.
pub struct Visit {
    task: Arc<Task>,
    outer: Option<Arc<Task>>,
    thread: Option<Image>,
}

impl Task {
    /// The task, polled with this waker, runs on the current thread from now on. `None` where nothing is watched: then it is
    /// to be polled as if it were not either.
    pub fn visit(self: &Arc<Self>, real: &Waker) -> Option<(Visit, Waker)> {
        let visit = self.enter(Some(Arc::clone(self)))?;
        let waker = lock(&self.waking).begin_poll(real);
        Some((visit, waker))
    }

    /// The task has the current thread for itself: it blocks it if it likes, or only destroys what it has.
    pub fn stay(self: &Arc<Self>) -> Option<Visit> {
        self.enter(None)
    }

    fn enter(self: &Arc<Self>, current: Option<Arc<Self>>) -> Option<Visit> {
        if !self.may_run_here() {
            return None;
        }
        let mut image = lock(&self.image).take();
        let host = self.is_pinned.then(host);
        self.order_polls(locks::giving);
        if let Some(image) = &mut image {
            image.swap();
            with(|thread| {
                if let Some(identity) = &mut thread.identity {
                    identity.who.host = identity.who.host.or(host);
                }
            });
        }
        self.order_polls(locks::received);
        self.let_go_of_dropped();
        self.note_resumption();
        let outer = CURRENT.try_with(|place| place.replace(current));
        Some(Visit {
            task: Arc::clone(self),
            outer: outer.ok().flatten(),
            thread: image,
        })
    }

    fn may_run_here(&self) -> bool {
        let has_image = lock(&self.image).is_some();
        with(|thread| match thread.life {
            Life::Recording if self.is_root() => thread
                .identity
                .as_ref()
                .is_some_and(|identity| identity.id == self.id),
            Life::Recording | Life::Fresh => has_image,
            _ => false,
        })
    }

    /// Tasks that only one thread runs follow each other there.
    fn order_polls(&self, order: impl Fn(LockId)) {
        if self.is_pinned && is_watching() {
            if POLLS.get() == LockId::NONE {
                POLLS.set(fresh_id());
            }
            order(POLLS.get());
        }
    }

    /// The task, which runs, keeps the current thread until it is over.
    pub fn settle(&self) {
        let _quiet = quiet();
        seats().move_in(self.id);
    }

    /// The task is over, here and now.
    pub fn finish(&self) {
        let Some(child) = &self.child else { return };
        child.finish();
        Half::end();
        let held: Vec<Held> = with(|thread| thread.held.held().to_vec());
        let (handed_on, kept): (Vec<Held>, Vec<Held>) =
            held.into_iter().partition(|held| held.kind.suspends());
        handed_on
            .iter()
            .for_each(|held| claims::set_loose(held.lock));
        self.end(&kept);
    }

    /// The thread does not block on it any more.
    pub fn leave_root(&self) {
        lock(&TASKS).remove(&self.id);
        lock(&self.waking).end();
    }

    /// The task is over, and has never run, or cannot do so here.
    pub fn abandon(&self) {
        leaks::ended(self.id);
        self.end(&[]);
    }

    fn end(&self, held: &[Held]) {
        let _quiet = quiet();
        lock(&self.waking).end();
        lock(&TASKS).remove(&self.id);
        if let Some(child) = &self.child {
            profile::end(Being::Task, child.site());
        }
        let mut seats = seats();
        seats.leave(self.id);
        if seats.graph.end(self.id, held) {
            drop(seats);
            alarm::ring();
        }
    }
}

/// The number of the current thread, for the tasks that only it runs.
fn host() -> ThreadId {
    let own = with(|thread| {
        thread
            .identity
            .as_ref()
            .and_then(|identity| identity.who.host)
    });
    own.unwrap_or_else(|| {
        if HOST.get() == ThreadId::default() {
            HOST.set(fresh_thread());
        }
        HOST.get()
    })
}

impl Drop for Visit {
    fn drop(&mut self) {
        let _ = CURRENT.try_with(|place| place.replace(self.outer.take()));
        profile::suspend();
        self.task.order_polls(locks::giving);
        if let Some(mut image) = self.thread.take() {
            image.swap();
            *lock(&self.task.image) = Some(image);
        }
        self.task.order_polls(locks::received);
    }
}
