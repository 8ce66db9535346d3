//! Occurrences: one way in which a thread that held one lock asked for another.

use std::sync::Arc;

use model::clock::Segment;
use model::event::{Attempt, Mode};
use model::id::LockId;
use model::kind::Kind;
use model::site::{Caller, Origin};

use crate::order::acquisition::{BacktraceId, Who};

/// A lock and how it is held.
pub(crate) type Holding = (LockId, Mode);

/// A lock as reports speak of it; outlives the lock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lock {
    pub(crate) id: LockId,
    pub(crate) origin: Origin,
    pub(crate) kind: Kind,
    /// The number of its class.
    pub(crate) class: u32,
}

impl Lock {
    /// The lock in words, where no source can be read: its name, or what it is and where it was made.
    pub(crate) fn words(&self) -> String {
        match self.origin {
            Origin::Named(name) => format!("`{name}`"),
            Origin::Created(site) => {
                format!("the {} made at {}:{}", self.kind, site.file(), site.line())
            }
        }
    }
}

/// A stretch of a thread's life, and what reports say of it. Shared by all that the thread did in it.
#[derive(Debug)]
pub(crate) struct Actor {
    pub(crate) segment: Segment,
    pub(crate) who: Who,
}

/// One way in which a thread asked for a lock while it held another.
#[derive(Clone, Debug)]
pub(crate) struct Occurrence {
    pub(crate) actor: Arc<Actor>,
    /// Where the lock held was asked for.
    pub(crate) hold: Caller,
    /// Where the other was asked for.
    pub(crate) acquire: Caller,
    /// The lock held.
    pub(crate) source: Holding,
    /// All locks held, if there were more: shared by the edges of one acquisition.
    pub(crate) held: Option<Arc<Vec<Holding>>>,
    pub(crate) backtrace: Option<BacktraceId>,
    /// How the other was asked for.
    pub(crate) asked: Mode,
    pub(crate) attempt: Attempt,
    /// Whether whoever waits for it blocks the thread that it runs on.
    pub(crate) blocks: bool,
}

/// A thread that asked for a read-write lock to write: readers queue behind it.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) actor: Arc<Actor>,
    pub(crate) site: Caller,
    /// As for an [`Occurrence`].
    pub(crate) blocks: bool,
    pub(crate) held: Option<Arc<Vec<Holding>>>,
}

/// A thread in the middle of an acquisition, with what it holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Party<'a> {
    pub(crate) actor: &'a Actor,
    pub(crate) holds: &'a [Holding],
    /// Whether it blocks the thread that it runs on while it waits.
    pub(crate) blocks: bool,
}

/// An occurrence and the lock held in it: a part of a path through locks that have since been destroyed.
#[derive(Clone, Debug)]
pub(crate) struct Leg {
    /// The lock held.
    pub(crate) from: Lock,
    pub(crate) occurrence: Occurrence,
    /// Who queues to write the lock held, where reader meets reader; for the first leg that is the ring's affair.
    pub(crate) writer: Option<Write>,
}

/// One way from a lock to another: in one step, or through locks that have since been destroyed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Passage<'a> {
    Direct(&'a Occurrence),
    Through(&'a [Leg]),
}

impl Actor {
    /// Whether it is this stretch of this thread's life.
    pub(crate) fn is(&self, segment: &Segment, who: &Who) -> bool {
        self.segment.thread() == segment.thread()
            && self.segment.number() == segment.number()
            && Arc::ptr_eq(&self.who.test, &who.test)
            && Arc::ptr_eq(&self.who.thread, &who.thread)
    }
}

impl Occurrence {
    pub(crate) fn party(&self) -> Party<'_> {
        Party {
            actor: &self.actor,
            holds: holds(self.held.as_ref()).unwrap_or(std::slice::from_ref(&self.source)),
            blocks: self.blocks,
        }
    }

    /// Whether whatever `other` could take part in, this could too.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.is_like(other)
            && self.actor.segment.number() == other.actor.segment.number()
            && self.actor.segment.thread() == other.actor.segment.thread()
            && is_subset(self.party().holds, other.party().holds)
    }

    /// Whether whatever this could take part in from now on, `later` could too: nothing that is still to come can lie
    /// before either, and what must come after `later` must come after this.
    pub(crate) fn is_outlived_by(&self, later: &Self) -> bool {
        self.is_like(later)
            && is_earlier(&self.actor.segment, &later.actor.segment)
            && is_subset(later.party().holds, self.party().holds)
    }

    fn is_like(&self, other: &Self) -> bool {
        self.asked == other.asked
            && self.attempt == other.attempt
            && self.source.1 == other.source.1
    }
}

impl Write {
    pub(crate) fn party(&self) -> Party<'_> {
        Party {
            actor: &self.actor,
            holds: holds(self.held.as_ref()).unwrap_or_default(),
            blocks: self.blocks,
        }
    }

    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.actor.segment.number() == other.actor.segment.number()
            && self.actor.segment.thread() == other.actor.segment.thread()
            && is_subset(self.party().holds, other.party().holds)
    }

    pub(crate) fn is_outlived_by(&self, later: &Self) -> bool {
        is_earlier(&self.actor.segment, &later.actor.segment)
            && is_subset(later.party().holds, self.party().holds)
    }
}

impl<'a> Passage<'a> {
    /// How the lock it starts from is held.
    pub(crate) fn held(self) -> Mode {
        self.first().source.1
    }

    /// How the lock it ends at is asked for.
    pub(crate) fn asked(self) -> Mode {
        self.last().asked
    }

    /// Whether it waits as long as it takes.
    pub(crate) fn blocks(self) -> bool {
        self.last().attempt == Attempt::Blocking
    }

    /// How many steps it has.
    pub(crate) fn length(self) -> usize {
        match self {
            Self::Direct(_) => 1,
            Self::Through(legs) => legs.len(),
        }
    }

    pub(crate) fn first(self) -> &'a Occurrence {
        match self {
            Self::Direct(occurrence) => occurrence,
            Self::Through(legs) => &legs.first().expect("a path has legs").occurrence,
        }
    }

    pub(crate) fn last(self) -> &'a Occurrence {
        match self {
            Self::Direct(occurrence) => occurrence,
            Self::Through(legs) => &legs.last().expect("a path has legs").occurrence,
        }
    }

    /// Whether every thread that takes part satisfies a condition.
    pub(crate) fn all_parties(self, mut is_fine: impl FnMut(Party<'a>) -> bool) -> bool {
        match self {
            Self::Direct(occurrence) => is_fine(occurrence.party()),
            Self::Through(legs) => legs.iter().all(|leg| {
                is_fine(leg.occurrence.party())
                    && leg
                        .writer
                        .as_ref()
                        .is_none_or(|writer| is_fine(writer.party()))
            }),
        }
    }
}

fn holds(held: Option<&Arc<Vec<Holding>>>) -> Option<&[Holding]> {
    held.map(|held| held.as_slice())
}

fn is_earlier(one: &Segment, other: &Segment) -> bool {
    if one.thread() == other.thread() {
        one.number() <= other.number()
    } else {
        one.precedes(other)
    }
}

fn is_subset(few: &[Holding], many: &[Holding]) -> bool {
    // Most often they are the same, and there may be hundreds.
    few == many || few.iter().all(|holding| many.contains(holding))
}
