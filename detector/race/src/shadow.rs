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
//! What is done through a pointer, and when, is not known where it is taken. Pointers are kept apart, so that they hide
//! nothing, and what they are unordered with is told as such: whether it is a race, the source has to say.
//!
//! **False alarms** where an edge was not told.

use crate::epoch::{Epoch, Slot};
use crate::local::Local;
use crate::stamp::Stamp;

/// What an access does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Does {
    /// It reads.
    Reads,
    /// It writes.
    Writes,
    /// It takes a pointer, through which it may read or write, now or later.
    Points,
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
    points: Last<S>,
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
        points: Last::None,
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
        let tell = &mut |earlier| found(Race::new(earlier, Does::Points, later, Does::Reads));
        self.points.are_known(thread, tell);
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
        let tell = &mut |earlier| found(Race::new(earlier, Does::Points, later, Does::Writes));
        if self.points.are_known(thread, tell) {
            self.points.clear();
        }
        match order {
            Order::HappensBefore => {}
            Order::Schedulable => thread.release_to(&mut self.written),
            Order::Coarse => thread.mark(&mut self.written),
        }
    }

    /// The thread takes a pointer to the value. Each access that is a race if this is the wrong one is told to `found`.
    pub fn point(&mut self, thread: &Local, site: S, mut found: impl FnMut(Race<S>)) {
        let later = Access {
            epoch: thread.epoch(),
            site,
        };
        let lanes = [
            (&self.writes, Does::Writes),
            (&self.reads, Does::Reads),
            (&self.points, Does::Points),
        ];
        for (lane, does) in lanes {
            let tell = &mut |earlier| found(Race::new(earlier, does, later, Does::Points));
            lane.are_known(thread, tell);
        }
        self.points.add(thread, later);
    }

    /// Whether this thread, or one that had its slot before, has done all that matters still.
    #[must_use]
    pub fn is_all_by(&self, thread: &Local) -> bool {
        let lanes = [&self.writes, &self.reads, &self.points];
        let slot = thread.epoch().slot();
        lanes.iter().all(|lane| lane.are_all_of(slot))
    }

    /// Who has done [all](Shadow::is_all_by) has repeated it since, at the same places, and learnt nothing in between: it
    /// has written last at this moment, and at that it has read last after it, if at all.
    pub fn repeated(&mut self, write: Epoch, read: Option<Epoch>) {
        if self.writes.put_off(write) {
            self.written.put_off(write);
        }
        if let Some(read) = read {
            self.reads.put_off(read);
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

    /// Whether there are none of other slots.
    fn are_all_of(&self, slot: Slot) -> bool {
        match self {
            Self::None => true,
            Self::One(one) => one.epoch.slot() == slot,
            Self::Many(_) => false,
        }
    }

    /// Puts the only one off to a later moment of its slot. Returns whether there is one.
    fn put_off(&mut self, later: Epoch) -> bool {
        match self {
            Self::One(one)
                if one.epoch.slot() == later.slot() && one.epoch.time() < later.time() =>
            {
                one.epoch = later;
                true
            }
            _ => false,
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::collection::vec;
    use proptest::prelude::{ProptestConfig, proptest};

    use super::{Does, Order, Shadow};
    use crate::epoch::{Epoch, Slot};
    use crate::local::Local;
    use crate::stamp::Stamp;

    /// What a thread did last of each kind, and when, if it may be repeated unseen.
    #[derive(Default)]
    struct Habits {
        read: Option<Epoch>,
        written: Option<Epoch>,
        can_read: bool,
        can_write: bool,
    }

    type Found = HashSet<(Epoch, Does, Epoch, Does)>;

    /// Threads that access one value, each always at one place, and tell each other what they did.
    struct Program {
        threads: Vec<Local>,
        shadow: Shadow<()>,
        /// Whether what is repeated is passed over, and made good later.
        passes_over: bool,
        habits: Habits,
        told: Stamp,
        found: Found,
    }

    impl Program {
        fn new(passes_over: bool) -> Self {
            let thread = |slot| Local::new(Epoch::first(Slot(slot)), &Stamp::NONE);
            Self {
                threads: (0..3).map(thread).collect(),
                shadow: Shadow::NEW,
                passes_over,
                habits: Habits::default(),
                told: Stamp::NONE,
                found: Found::new(),
            }
        }

        fn access(&mut self, thread: usize, does: Does) {
            let local = &mut self.threads[thread];
            if self.passes_over && self.habits.repeat(local, does) {
                return;
            }
            let Habits { read, written, .. } = self.habits;
            if self.habits.can_read || self.habits.can_write {
                self.shadow.repeated(written.unwrap_or_default(), read);
            }
            let found = |race: super::Race<()>| {
                let (earlier, later) = (race.earlier.epoch, race.later.epoch);
                self.found
                    .insert((earlier, race.earlier_does, later, race.later_does));
            };
            let now = local.epoch();
            match does {
                Does::Reads => self.shadow.read(local, (), Order::Coarse, found),
                Does::Writes => self.shadow.write(local, (), Order::Coarse, found),
                Does::Points => self.shadow.point(local, (), found),
            }
            let is_all = self.shadow.is_all_by(local);
            self.habits.note(does, now, is_all);
        }

        fn step(&mut self, thread: usize, choice: u8) {
            match choice {
                0 => self.access(thread, Does::Reads),
                1 => self.access(thread, Does::Writes),
                6 => self.access(thread, Does::Points),
                2..4 => self.threads[thread].release_beside(&mut self.told),
                _ => self.threads[thread].acquire(&self.told),
            }
        }
    }

    impl Habits {
        fn repeat(&mut self, local: &Local, does: Does) -> bool {
            let (last, can) = match does {
                Does::Reads => (self.read.or(self.written), self.can_read),
                Does::Writes => (self.written, self.can_write),
                Does::Points => return false,
            };
            let (since, now) = (local.since().to_bits(), local.epoch().to_bits());
            let is_present = last.is_some_and(|last| (since..=now).contains(&last.to_bits()));
            if can && is_present {
                self.done(does, local.epoch());
            }
            can && is_present
        }

        fn note(&mut self, does: Does, now: Epoch, is_all: bool) {
            self.done(does, now);
            match does {
                Does::Reads => self.can_read = is_all,
                Does::Writes => (self.can_read, self.can_write) = (false, is_all),
                Does::Points => {}
            }
            if !is_all {
                (self.can_read, self.can_write) = (false, false);
            }
        }

        fn done(&mut self, does: Does, now: Epoch) {
            match does {
                Does::Reads => self.read = Some(now),
                Does::Writes => (self.read, self.written) = (None, Some(now)),
                Does::Points => {}
            }
        }
    }

    /// By thread and kind: a race with a read that a later write of its thread makes old may be told besides.
    fn racing(found: &Found) -> HashSet<(Slot, Epoch, Does)> {
        let sides =
            |&(earlier, _, later, does): &(Epoch, Does, Epoch, Does)| (earlier.slot(), later, does);
        found.iter().map(sides).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn what_is_repeated_may_be_passed_over_and_made_good(steps in vec((0..3_usize, 0..7_u8), 0..40)) {
            let (mut all, mut some) = (Program::new(false), Program::new(true));
            for (thread, choice) in steps {
                all.step(thread, choice);
                some.step(thread, choice);
                // What a race brings makes clocks differ; up to the first one they are the same.
                if !all.found.is_empty() || !some.found.is_empty() {
                    break;
                }
            }
            assert_eq!(racing(&all.found), racing(&some.found));
        }
    }
}
