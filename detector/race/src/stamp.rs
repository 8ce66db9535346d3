//! What travels from one thread to another when they synchronise: the moment of a release, and all it knew.

use std::sync::Arc;

use crate::clock::Clock;
use crate::epoch::{Epoch, Slot};

/// A moment and its past. Cheap to clone: the past is shared until somebody learns more.
#[derive(Clone, Debug, Default)]
pub struct Stamp {
    /// The moment of the release; none where several were merged into `past`. Who knows the moment knows the past.
    epoch: Epoch,
    past: Option<Arc<Clock>>,
}

impl Stamp {
    /// A stamp that says nothing: what has never been released.
    pub const NONE: Self = Self {
        epoch: Epoch::NONE,
        past: None,
    };

    /// This moment alone.
    #[must_use]
    pub const fn at(epoch: Epoch) -> Self {
        Self { epoch, past: None }
    }

    #[inline(always)]
    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    pub(crate) fn past(&self) -> Option<&Arc<Clock>> {
        self.past.as_ref()
    }

    #[cfg(feature = "weak")]
    pub(crate) fn into_past(self) -> Option<Arc<Clock>> {
        self.past
    }

    /// Whether it says nothing.
    #[inline(always)]
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.epoch.is_none() && self.past.is_none()
    }

    /// Becomes this moment, without touching the count of sharers if the past is the same.
    #[inline(always)]
    pub(crate) fn set(&mut self, epoch: Epoch, past: &Arc<Clock>) {
        self.epoch = epoch;
        if !matches!(&self.past, Some(mine) if Arc::ptr_eq(mine, past)) {
            self.past = Some(Arc::clone(past));
        }
    }

    /// Becomes another moment with the same past.
    pub(crate) fn put_off(&mut self, epoch: Epoch) {
        self.epoch = epoch;
    }

    /// Says also what `other` says: whoever acquires it comes after both.
    pub fn merge(&mut self, other: &Self) {
        if other.is_none() || !self.epoch.is_none() && self.epoch == other.epoch {
            return;
        }
        if self.is_none() || self.precedes(other) {
            self.clone_from(other);
        } else if !other.precedes(self) {
            let past = Arc::make_mut(self.past.get_or_insert_default());
            past.learn(self.epoch);
            past.learn(other.epoch);
            if let Some(more) = &other.past {
                past.join(more);
            }
            self.epoch = Epoch::NONE;
        }
    }

    /// Up to which time of a slot whoever acquires it comes after; 0 if it says nothing of it.
    #[must_use]
    pub fn time(&self, slot: Slot) -> u64 {
        let past = self.past.as_ref().map_or(0, |past| past.time(slot));
        if self.epoch.slot() == slot {
            past.max(self.epoch.time())
        } else {
            past
        }
    }

    /// Whether whoever acquires it comes after this moment.
    #[must_use]
    pub fn knows(&self, epoch: Epoch) -> bool {
        let is_own = self.epoch.slot() == epoch.slot() && self.epoch.time() >= epoch.time();
        is_own || self.past.as_ref().is_some_and(|past| past.knows(epoch))
    }

    /// Whether it is a single moment, and `later` knows it.
    fn precedes(&self, later: &Self) -> bool {
        let mine = self.epoch;
        !mine.is_none() && later.knows(mine)
    }

    /// Tells a clock all that it knows, itself included.
    #[cfg(any(test, feature = "weak"))]
    pub(crate) fn tell(&self, clock: &mut Clock) {
        if let Some(past) = &self.past {
            clock.join(past);
        }
        clock.learn(self.epoch);
    }

    /// What it knows of everybody, itself included.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let mut clock = self.past.as_deref().cloned().unwrap_or_default();
        clock.learn(self.epoch);
        clock
    }
}
