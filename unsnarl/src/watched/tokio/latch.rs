//! What an asynchronous lock is made of: as in tokio a semaphore, of which a reader takes one permit and a writer all.

use lockgraph::held::Alone;
use lockgraph::wait::need::Need;
use model::event::Mode;
use model::kind::Kind;
use model::site::Caller;
use stress::point::Deed;

use super::awaiting::{on, with_task};
use crate::recorder::seats::Poke;
use crate::recorder::tasks::claims;
use crate::recorder::tasks::suspension::Await;
use crate::recorder::{profile, waits};
use crate::watched::tag::{Sleeper, Tag};
use ::tokio::sync::{Semaphore, TryLockError};

/// An asynchronous lock without its value.
pub(crate) struct Latch {
    tag: Tag,
    permits: Semaphore,
    all: u32,
}

impl Latch {
    /// A lock that so many readers can have at once.
    pub(crate) const fn new(kind: Kind, created: Caller, readers: u32) -> Self {
        Self {
            tag: Tag::new(kind, created),
            permits: Semaphore::const_new(readers as usize),
            all: readers,
        }
    }

    pub(crate) fn tag(&self) -> &Tag {
        &self.tag
    }

    fn permits_for(&self, mode: Mode) -> u32 {
        match mode {
            Mode::Exclusive => self.all,
            Mode::Shared => 1,
        }
    }

    /// Waits until the lock is had.
    pub(crate) async fn acquire(&self, mode: Mode, site: Caller) {
        self.tag.disturb(Deed::Take);
        let wanted = self.tag.wanted(mode, site);
        let alone = match mode {
            Mode::Exclusive if wanted.kind.is_read_write() => Alone::Telling,
            _ => Alone::Silent,
        };
        with_task(|task| claims::ask(task, wanted, alone)).await;
        let awaited = || Await {
            target: self.tag.target(),
            need: Need::Lock(mode),
            site,
        };
        let waiting = Waiting::of(self, mode);
        let permits = self.permits.acquire_many(self.permits_for(mode));
        let permits = on(awaited, permits).await;
        // Nothing is awaited between here and where the guard is made.
        self.tag.asks(mode, site);
        waiting.end();
        permits
            .expect("the semaphore of a lock is never closed")
            .forget();
    }

    /// Blocks the thread until the lock is had.
    ///
    /// # Panics
    ///
    /// If a task of a runtime calls it.
    #[track_caller]
    pub(crate) fn acquire_blocking(&self, mode: Mode, site: Caller) {
        self.tag.disturb(Deed::Take);
        let need = Need::Lock(mode);
        let waiting = Waiting::of(self, mode);
        let _waiting = waits::wait(self.tag.target(), need, site, Poke::Never);
        let permits = self.permits.blocking_acquire_many(self.permits_for(mode));
        permits
            .expect("the semaphore of a lock is never closed")
            .forget();
        self.tag.asks(mode, site);
        waiting.end();
    }

    /// Has the lock if that is possible now.
    ///
    /// # Errors
    ///
    /// If it is not.
    pub(crate) fn try_acquire(&self, mode: Mode) -> Result<(), TryLockError> {
        self.tag.disturb(Deed::Take);
        match self.permits.try_acquire_many(self.permits_for(mode)) {
            Ok(permits) => {
                permits.forget();
                Ok(())
            }
            Err(_) => Err(would_wait()),
        }
    }

    pub(crate) fn release(&self, mode: Mode) {
        self.permits.add_permits(self.permits_for(mode) as usize);
    }

    /// A writer lets readers in, and stays as one of them.
    pub(crate) fn downgrade(&self) {
        self.permits.add_permits(self.all as usize - 1);
    }
}

/// A wait for a lock that somebody has, for the profiler.
struct Waiting<'a>(Option<(profile::Moment, Sleeper<'a>)>);

impl<'a> Waiting<'a> {
    /// Of whoever asks for a lock now.
    fn of(latch: &'a Latch, mode: Mode) -> Self {
        let is_free = || latch.permits.available_permits() >= latch.permits_for(mode) as usize;
        Self((profile::is_on() && !is_free()).then(|| (profile::moment(), latch.tag.sleeper())))
    }

    /// The lock was had, and [asked](Tag::asks) for just now, as if that had been at the beginning.
    fn end(self) {
        if let Some((since, _sleeper)) = self.0 {
            profile::contended_since(since);
        }
    }
}

/// The error, which only tokio's own lock can make.
fn would_wait() -> TryLockError {
    let lock = ::tokio::sync::Mutex::new(());
    let _held = lock.try_lock();
    lock.try_lock().expect_err("it is locked")
}
