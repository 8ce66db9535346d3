//! One thread's half: its own moment, and what it knows of the others.
//!
//! **Follows** the vector clocks of Flanagan and Freund, *FastTrack* (PLDI 2009), with the thread's own time kept apart
//! from what it knows of others, so that a release copies nothing and an acquisition of what is known ends after one
//! comparison. Fences follow Lidbury and Donaldson, *Dynamic race detection for C++11* (POPL 2017).
//!
//! A moment has one past: it ends with every release, and with every acquisition that brings something new. Hence who
//! knows a moment knows all that it knew.
//!
//! **Finds** nothing by itself: it answers whether a moment lies before now.
//!
//! **Misses** nothing: the order is exact.
//!
//! **False alarms**: where an edge was not told.

use std::sync::Arc;

use crate::clock::Clock;
use crate::epoch::Epoch;
#[cfg(any(test, feature = "weak"))]
use crate::epoch::Slot;
use crate::stamp::Stamp;

/// What one thread knows.
#[derive(Debug)]
pub struct Local {
    epoch: Epoch,
    /// The first moment at which it knew what it knows.
    since: Epoch,
    /// What it knows of others; what it says of the thread's own slot is old.
    past: Arc<Clock>,
    /// What relaxed loads have read, for an acquire fence to take in.
    pending: Stamp,
    /// What the last release fence published, for relaxed stores to give away.
    fenced: Stamp,
    /// Memory for the next past.
    #[cfg(feature = "weak")]
    spare: Option<Past>,
}

/// A past that nobody needs any more, for its memory.
#[cfg(feature = "weak")]
#[derive(Debug)]
pub struct Past(Arc<Clock>);

#[cfg(feature = "weak")]
impl Past {
    /// What a stamp says, if nobody else has it.
    pub(crate) fn of(stamp: Stamp) -> Option<Self> {
        let mut past = stamp.into_past()?;
        Arc::get_mut(&mut past)?;
        Some(Self(past))
    }
}

impl Local {
    /// A thread at its first moment, which knows what its starter knew.
    #[must_use]
    pub fn new(first: Epoch, starter: &Stamp) -> Self {
        let mut local = Self {
            epoch: first,
            since: first,
            past: Arc::new(Clock::new()),
            pending: Stamp::NONE,
            fenced: Stamp::NONE,
            #[cfg(feature = "weak")]
            spare: None,
        };
        local.acquire(starter);
        local
    }

    /// Now.
    #[inline(always)]
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The first moment at which the thread knew of others what it knows now.
    #[inline(always)]
    #[must_use]
    pub fn since(&self) -> Epoch {
        self.since
    }

    /// Whether this moment lies before now.
    #[inline(always)]
    #[must_use]
    pub fn knows(&self, epoch: Epoch) -> bool {
        // Whoever had the slot before was joined before this thread began.
        epoch.slot() == self.epoch.slot() || self.past.knows(epoch)
    }

    /// The last time known of a slot of somebody else; 0 if none is.
    #[cfg(any(test, feature = "weak"))]
    pub(crate) fn time(&self, slot: Slot) -> u64 {
        self.past.time(slot)
    }

    /// Everything done so far happens before whoever acquires the stamp.
    #[inline]
    #[must_use]
    pub fn release(&mut self) -> Stamp {
        let mut stamp = Stamp::NONE;
        self.release_to(&mut stamp);
        stamp
    }

    /// As [`Local::release`], into a stamp that nobody needs any more.
    #[inline]
    pub fn release_to(&mut self, stamp: &mut Stamp) {
        self.mark(stamp);
        self.epoch = self.epoch.next();
    }

    /// As [`Local::release`], into a stamp that says what it said besides.
    #[inline]
    pub fn release_beside(&mut self, stamp: &mut Stamp) {
        let moment = stamp.epoch();
        if stamp.is_none() || !moment.is_none() && self.knows(moment) {
            // Whoever knows this moment knows all that the stamp said.
            self.release_to(stamp);
        } else {
            stamp.merge(&self.release());
        }
    }

    /// Everything up to the stamp happens before what the thread does from now on.
    #[inline]
    pub fn acquire(&mut self, stamp: &Stamp) {
        let epoch = stamp.epoch();
        if epoch.is_none() || !self.knows(epoch) {
            self.learn(stamp);
        }
    }

    /// A fence. Which of the two it is, or both, is told by its ordering.
    pub fn fence(&mut self, acquires: bool, releases: bool) {
        if acquires {
            let pending = std::mem::take(&mut self.pending);
            self.acquire(&pending);
        }
        if releases {
            self.fenced = self.release();
        }
    }

    /// Marks this very moment, without ending it.
    #[inline]
    pub(crate) fn mark(&self, stamp: &mut Stamp) {
        stamp.set(self.epoch, &self.past);
    }

    /// A relaxed load has read this: an acquire fence would order it.
    pub(crate) fn acquire_at_fence(&mut self, stamp: &Stamp) {
        if stamp.epoch().is_none() || !self.knows(stamp.epoch()) {
            self.pending.merge(stamp);
        }
    }

    /// What a relaxed store gives away.
    pub(crate) fn fenced(&self) -> &Stamp {
        &self.fenced
    }

    #[cold]
    fn learn(&mut self, stamp: &Stamp) {
        let is_known = stamp.epoch().is_none() || self.knows(stamp.epoch());
        if is_known && stamp.past().is_none_or(|past| self.past.covers(past)) {
            return;
        }
        // A moment has one past: whoever knows it knows all of that.
        self.epoch = self.epoch.next();
        self.since = self.epoch;
        let past = self.past_to_change();
        past.learn(stamp.epoch());
        if let Some(more) = stamp.past() {
            past.join(more);
        }
    }

    /// What the thread knows of others, apart from what it has given away.
    #[cfg(feature = "weak")]
    fn past_to_change(&mut self) -> &mut Clock {
        if let Some(Past(mut spare)) = self.spare.take()
            && let Some(clock) = Arc::get_mut(&mut spare)
        {
            clock.clone_from(&self.past);
            self.past = spare;
        }
        Arc::make_mut(&mut self.past)
    }

    #[cfg(not(feature = "weak"))]
    fn past_to_change(&mut self) -> &mut Clock {
        Arc::make_mut(&mut self.past)
    }

    /// Gives it memory for what it learns next, if it has none.
    #[cfg(feature = "weak")]
    pub fn lend(&mut self, memory: impl FnOnce() -> Option<Past>) {
        if self.spare.is_none() {
            self.spare = memory();
        }
    }
}
