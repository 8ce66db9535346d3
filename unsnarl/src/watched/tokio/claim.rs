//! The right to an asynchronous lock, given back when it is dropped.

use std::mem::ManuallyDrop;

use lockgraph::wait::remnant::What;
use model::event::Mode;
use model::site::Caller;
use stress::point::Deed;

use super::latch::Latch;
use super::mutex::Mutex;
use crate::recorder::leaks::belongings::Belonging;
use crate::recorder::races::{is_watching, tape};
use crate::recorder::tasks::claims::{self, Owner};

/// What a guard keeps of its lock.
pub(crate) trait Latched {
    /// The lock.
    fn latch(&self) -> &Latch;
}

impl Latched for &Latch {
    fn latch(&self) -> &Latch {
        self
    }
}

/// The right to a lock.
pub(crate) struct Claim<L: Latched> {
    lock: L,
    mode: Mode,
    owner: Owner,
    site: Caller,
    /// It is the test's that took it.
    belonging: Belonging,
}

impl<L: Latched> Claim<L> {
    /// Of a lock that was had just now, for a guard that borrows it: it is the task's.
    pub(crate) fn borrowed(lock: L, mode: Mode, site: Caller) -> Self {
        let owner = claims::hold(lock.latch().tag().wanted(mode, site));
        Self::of(lock, mode, owner, site)
    }

    /// Of a lock that was had just now, for a guard that owns it, and can be handed on.
    pub(crate) fn owned(lock: L, mode: Mode, site: Caller) -> Self {
        let owner = claims::hold_loosely(lock.latch().tag().id());
        Self::of(lock, mode, owner, site)
    }

    fn of(lock: L, mode: Mode, owner: Owner, site: Caller) -> Self {
        let tag = lock.latch().tag();
        tag.asked(mode, site);
        tag.entered(mode);
        if is_watching() {
            // Its guard says nothing of what it does.
            tape::touched(tag.id(), mode, site);
        }
        let belonging = Belonging::taken(What::LooseGuard(mode), tag.target(), site);
        Self {
            lock,
            mode,
            owner,
            site,
            belonging,
        }
    }

    pub(crate) fn lock(&self) -> &L {
        &self.lock
    }

    /// From a writer to a reader.
    pub(crate) fn downgrade(mut self) -> Self {
        let latch = self.lock.latch();
        latch.tag().leaving(Mode::Exclusive);
        claims::release(latch.tag().id(), self.owner);
        let reader = latch.tag().wanted(Mode::Shared, self.site);
        let owner = match self.owner {
            Owner::One(_) => claims::hold(reader),
            Owner::Anyone => claims::hold_loosely(latch.tag().id()),
            Owner::Unknown => Owner::Unknown,
        };
        latch.downgrade();
        latch.tag().asked(Mode::Shared, self.site);
        latch.tag().entered(Mode::Shared);
        (self.owner, self.mode) = (owner, Mode::Shared);
        self.belonging.becomes(What::LooseGuard(Mode::Shared));
        self
    }
}

impl<'a, T: ?Sized> From<Claim<&'a Mutex<T>>> for Claim<&'a Latch> {
    /// The same claim, by a guard that does not know what the lock protects.
    fn from(claim: Claim<&'a Mutex<T>>) -> Self {
        let mut claim = ManuallyDrop::new(claim);
        let belonging = std::mem::replace(&mut claim.belonging, Belonging::NONE);
        Self {
            lock: claim.lock.latch_of(),
            mode: claim.mode,
            owner: claim.owner,
            site: claim.site,
            belonging,
        }
    }
}

impl<L: Latched> Drop for Claim<L> {
    fn drop(&mut self) {
        let latch = self.lock.latch();
        latch.tag().disturb(Deed::Give);
        latch.tag().leaving(self.mode);
        claims::release(latch.tag().id(), self.owner);
        latch.release(self.mode);
    }
}
