//! What a watched value carries: who has read and written it last.
//!
//! **Follows** Flanagan and Freund, *FastTrack* (PLDI 2009): the last write and the last read are one moment each as long
//! as every access comes after the one before; only where they do not are several kept. Unlike there, those that a race
//! left unordered are kept too, so that every racy access is told, as with full clocks. A read comes after the write that
//! it has read from, as in Mathur, Kini and Viswanathan, *What happens-after the first race?* (OOPSLA 2018): every race
//! told can be scheduled, not only the first one.
//!
//! **Finds** pairs of accesses to one value, at least one of them a write, that nothing orders.
//!
//! **Misses** races that this run's locks ordered by chance, and all but the last access of each thread on either side.
//!
//! **False alarms** where an edge was not told.

use crate::epoch::Epoch;
use crate::local::Local;
use crate::stamp::Stamp;

/// What an access does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Does {
    /// It reads.
    Reads,
    /// It writes.
    Writes,
}

/// An access: when, and where in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access<S> {
    /// When, and by whom.
    pub epoch: Epoch,
    /// Where.
    pub site: S,
}

/// Two accesses to one value that nothing orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Race<S> {
    /// The one that was seen first.
    pub earlier: Access<S>,
    /// What it does.
    pub earlier_does: Does,
    /// The other.
    pub later: Access<S>,
    /// What it does.
    pub later_does: Does,
}

/// Which order makes two accesses a race.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Happens-before alone: only the first race is sure to be one.
    HappensBefore,
    /// A read also comes after the write that it has read from: every race is one.
    Schedulable,
    /// As `Schedulable`, but where a read races, all that the writer does up to its next synchronisation counts as before
    /// it. No race told is wrong, some later ones are missed; and a thread's time stands still between
    /// synchronisations, so that an access repeated meanwhile can be skipped.
    Coarse,
}

/// The accesses to one value that matter still.
#[derive(Debug)]
pub struct Shadow<S> {
    writes: Last<S>,
    reads: Last<S>,
    /// All that the last write knew.
    written: Stamp,
}

impl<S> Default for Shadow<S> {
    fn default() -> Self {
        Self::NEW
    }
}

impl<S> Shadow<S> {
    /// A value that nobody has accessed.
    pub const NEW: Self = Self {
        writes: Last::None,
        reads: Last::None,
        written: Stamp::NONE,
    };
}

impl<S: Copy> Shadow<S> {
    /// The thread reads the value. Each race is told to `found`.
    #[inline]
    pub fn read(
        &mut self,
        thread: &mut Local,
        site: S,
        order: Order,
        mut found: impl FnMut(Race<S>),
    ) {
        let later = Access {
            epoch: thread.epoch(),
            site,
        };
        let tell = &mut |earlier| found(Race::new(earlier, Does::Writes, later, Does::Reads));
        let follows = self.writes.are_known(thread, tell);
        self.reads.add(thread, later);
        if !follows && order != Order::HappensBefore {
            thread.acquire(&self.written);
        }
    }

    /// The thread writes the value. Each race is told to `found`.
    #[inline]
    pub fn write(
        &mut self,
        thread: &mut Local,
        site: S,
        order: Order,
        mut found: impl FnMut(Race<S>),
    ) {
        let later = Access {
            epoch: thread.epoch(),
            site,
        };
        let tell = &mut |earlier| found(Race::new(earlier, Does::Reads, later, Does::Writes));
        if self.reads.are_known(thread, tell) {
            // Whatever races with one of them races with this write too.
            self.reads.clear();
        } else {
            self.reads.forget_known(thread);
        }
        let tell = &mut |earlier| found(Race::new(earlier, Does::Writes, later, Does::Writes));
        if self.writes.are_known(thread, tell) {
            self.writes = Last::One(later);
        } else {
            self.writes.add(thread, later);
        }
        match order {
            Order::HappensBefore => {}
            Order::Schedulable => thread.release_to(&mut self.written),
            Order::Coarse => thread.mark(&mut self.written),
        }
    }

    /// The thread has the value for itself, as with `&mut`: what is known of it before is over. Races are told as of a
    /// write.
    pub fn own(&mut self, thread: &mut Local, site: S, found: impl FnMut(Race<S>)) {
        self.write(thread, site, Order::HappensBefore, found);
        *self = Self::NEW;
    }
}

impl<S> Race<S> {
    fn new(earlier: Access<S>, earlier_does: Does, later: Access<S>, later_does: Does) -> Self {
        Self {
            earlier,
            earlier_does,
            later,
            later_does,
        }
    }
}

/// The last accesses of a kind, of which none is known to another.
#[derive(Debug)]
enum Last<S> {
    None,
    One(Access<S>),
    #[expect(
        clippy::box_collection,
        reason = "rare, and a value should carry little"
    )]
    Many(Box<Vec<Access<S>>>),
}

impl<S: Copy> Last<S> {
    /// Whether the thread comes after all of them; tells those that it does not come after.
    #[inline]
    fn are_known(&self, thread: &Local, tell: &mut impl FnMut(Access<S>)) -> bool {
        match self {
            Self::None => true,
            Self::One(one) if thread.knows(one.epoch) => true,
            Self::One(one) => {
                tell(*one);
                false
            }
            Self::Many(many) => {
                let mut all = true;
                for &one in many.iter().filter(|one| !thread.knows(one.epoch)) {
                    tell(one);
                    all = false;
                }
                all
            }
        }
    }

    /// Adds one, in the place of all that it comes after.
    #[inline]
    fn add(&mut self, thread: &Local, new: Access<S>) {
        match self {
            Self::None => *self = Self::One(new),
            Self::One(one) if thread.knows(one.epoch) => *one = new,
            Self::One(one) => *self = Self::Many(Box::new(vec![*one, new])),
            Self::Many(many) => {
                many.retain(|one| !thread.knows(one.epoch));
                many.push(new);
            }
        }
    }

    /// Drops those that the thread comes after.
    fn forget_known(&mut self, thread: &Local) {
        match self {
            Self::One(one) if thread.knows(one.epoch) => *self = Self::None,
            Self::Many(many) => many.retain(|one| !thread.knows(one.epoch)),
            _ => {}
        }
    }

    #[inline]
    fn clear(&mut self) {
        if !matches!(self, Self::None) {
            *self = Self::None;
        }
    }
}
