//! When threads that are each in the middle of an acquisition can be there at the same time.
//!
//! The rule of Goodlock (Havelund 2000; Bensalem and Havelund 2005): distinct threads, not ordered by fork and join,
//! and no lock in common that keeps them apart (a gate). Of the tasks that one thread runs, only one can block it.

use model::event::Mode;

use crate::order::occurrence::{Holding, Party};

/// Which facts count. All do, unless one asks what keeps a cycle from being a deadlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) threads: bool,
    pub(crate) gates: bool,
    pub(crate) order: bool,
    pub(crate) tries: bool,
    pub(crate) modes: bool,
}

impl Rules {
    pub(crate) const ALL: Self = Self {
        threads: true,
        gates: true,
        order: true,
        tries: true,
        modes: true,
    };

    /// Whether two threads can be in the middle of their acquisitions at the same time.
    pub(crate) fn meet(self, one: Party<'_>, other: Party<'_>) -> bool {
        if self.threads
            && one.blocks
            && other.blocks
            && one.actor.who.shares_thread(&other.actor.who)
        {
            return false;
        }
        let (first, second) = (&one.actor.segment, &other.actor.segment);
        if first.thread() == second.thread() {
            if self.threads {
                return false;
            }
        } else if self.order && !first.concurrent(second) {
            return false;
        }
        !self.gates || gate(one, other).is_none()
    }
}

/// A lock that keeps two threads apart.
pub(crate) fn gate(one: Party<'_>, other: Party<'_>) -> Option<Holding> {
    one.holds.iter().copied().find(|&(lock, mode)| {
        other
            .holds
            .iter()
            .any(|&(held, as_)| held == lock && (mode, as_) != (Mode::Shared, Mode::Shared))
    })
}
