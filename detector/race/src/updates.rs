//! Updates of an atomic in two operations, a load and a store, that overwrite each other.
//!
//! **Follows** no paper. That a thread loads a value and stores another says little: flags, turns, and caches of what is
//! the same whoever computes it do that too, rightly. So an update is only taken for one if the thread did nothing to
//! atomics or locks in between, if two threads did the same step on from what they had read (as in counting), and if one of
//! them did so from different values: then what is stored depends on what was loaded. And as long as the value is the same
//! as if one of them had not stored at all, it may be meant so, as where several threads move an epoch on.
//!
//! **Finds** two such updates of which neither comes before the other: the later one overwrites the earlier, or would have
//! if it had come a moment before.
//!
//! **Misses** steps of different sizes, updates with other operations in between, and all that happens to have been ordered
//! in this run: with orderings stronger than `Relaxed`, each update that reads the last one comes after it.
//!
//! **False alarms** where what keeps updates apart is not watched; where threads take turns by relaxed loads alone; and
//! where losing some is accepted.

pub mod finding;

use crate::epoch::Epoch;
use crate::local::Local;

/// An update: the value read, and the value stored after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Update<S> {
    /// When it stored.
    pub epoch: Epoch,
    /// What it read.
    pub from: u64,
    /// What it stored.
    pub to: u64,
    /// Where, and whatever else a report says of it.
    pub site: S,
}

/// Two updates, of which the later does not come after the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost<S> {
    /// The one that was seen first.
    pub earlier: Update<S>,
    /// The other.
    pub later: Update<S>,
    /// Whether the later one overwrote what it had not read.
    pub is_observed: bool,
}

/// The updates of one atomic that matter still.
#[derive(Debug)]
pub struct Updates<S> {
    /// The last of each thread.
    last: Vec<Seen<S>>,
    /// Two that would be told if it was certain that they depend on what they read.
    suspects: Option<Lost<S>>,
}

#[derive(Debug)]
struct Seen<S> {
    update: Update<S>,
    /// The thread has made the same step from another value.
    is_varied: bool,
}

impl<S> Default for Updates<S> {
    fn default() -> Self {
        Self {
            last: Vec::new(),
            suspects: None,
        }
    }
}

impl<S> Update<S> {
    /// How far it steps.
    fn step(&self) -> u64 {
        self.to.wrapping_sub(self.from)
    }
}

impl<S: Copy> Updates<S> {
    /// The thread has updated the atomic; `unread` is what it has overwritten, if others have changed it since the thread
    /// read it. Returns what was lost, or could have been, once that is certain.
    pub fn add(
        &mut self,
        thread: &Local,
        later: Update<S>,
        unread: Option<u64>,
    ) -> Option<Lost<S>> {
        if later.step() == 0 {
            return None;
        }
        // What several threads want to be done once may be done by each of them.
        let is_same = unread == Some(later.to);
        if let Some(earlier) = self.suspect(thread, later).filter(|_| !is_same) {
            let lost = Lost {
                earlier,
                later,
                is_observed: unread.is_some(),
            };
            let is_observed = self.suspects.is_some_and(|known| known.is_observed);
            if lost.is_observed || !is_observed {
                self.suspects = Some(lost);
            }
        }
        self.note(later);
        let lost = self.suspects?;
        let is_certain = |seen: &Seen<S>| seen.is_varied && seen.update.step() == lost.later.step();
        if self.last.iter().any(is_certain) {
            self.suspects.take()
        } else {
            None
        }
    }

    /// An update of another thread that makes the same step, and does not come before this one.
    fn suspect(&self, thread: &Local, later: Update<S>) -> Option<Update<S>> {
        let mut updates = self.last.iter().map(|seen| seen.update);
        updates.find(|earlier| {
            let is_other = earlier.epoch.slot() != later.epoch.slot();
            is_other && earlier.step() == later.step() && !thread.knows(earlier.epoch)
        })
    }

    fn note(&mut self, update: Update<S>) {
        let slot = update.epoch.slot();
        let mut last = self.last.iter_mut();
        match last.find(|seen| seen.update.epoch.slot() == slot) {
            Some(seen) => {
                let same_step = seen.update.step() == update.step();
                let varies = seen.is_varied || seen.update.from != update.from;
                seen.is_varied = same_step && varies;
                seen.update = update;
            }
            None => self.last.push(Seen {
                update,
                is_varied: false,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::{Update, Updates};
    use crate::epoch::{Epoch, Slot};
    use crate::local::Local;
    use crate::location::Location;
    use crate::stamp::Stamp;

    /// Threads that load and store one atomic.
    struct Program {
        threads: Vec<Local>,
        atomic: Location,
        order: (Ordering, Ordering),
        updates: Updates<()>,
    }

    impl Program {
        fn new(load: Ordering, store: Ordering) -> Self {
            let thread = |slot| Local::new(Epoch::first(Slot(slot)), &Stamp::NONE);
            Self {
                threads: (0..3).map(thread).collect(),
                atomic: Location::NEW,
                order: (load, store),
                updates: Updates::default(),
            }
        }

        /// What is told of it: nothing, that it could have been lost, or that it was.
        fn update(
            &mut self,
            (thread, from, to): (usize, u64, u64),
            unread: Option<u64>,
        ) -> &'static str {
            let thread = &mut self.threads[thread];
            if unread.is_none() {
                self.atomic.load(thread, self.order.0);
            }
            let update = Update {
                epoch: thread.epoch(),
                from,
                to,
                site: (),
            };
            self.atomic.store(thread, self.order.1);
            match self.updates.add(thread, update, unread) {
                None => "",
                Some(lost) if lost.is_observed => "lost",
                Some(_) => "could be lost",
            }
        }

        fn run(mut self, updates: &[(usize, u64, u64)]) -> Vec<&'static str> {
            let mut value = updates[0].1;
            let updates = updates.iter().map(|&update| {
                let unread = Some(value).filter(|&value| value != update.1);
                value = update.2;
                self.update(update, unread)
            });
            updates.filter(|said| !said.is_empty()).collect()
        }
    }

    const RELAXED: (Ordering, Ordering) = (Ordering::Relaxed, Ordering::Relaxed);
    const STRONG: (Ordering, Ordering) = (Ordering::SeqCst, Ordering::SeqCst);

    fn run(order: (Ordering, Ordering), updates: &[(usize, u64, u64)]) -> Vec<&'static str> {
        Program::new(order.0, order.1).run(updates)
    }

    #[test]
    fn counting_in_two_steps_could_lose() {
        assert_eq!(
            run(RELAXED, &[(0, 0, 1), (0, 1, 2), (1, 2, 3)]),
            ["could be lost"]
        );
        assert_eq!(
            run(RELAXED, &[(0, 0, 1), (1, 1, 2), (1, 2, 3)]),
            ["could be lost"]
        );
    }

    #[test]
    fn what_was_overwritten_is_lost() {
        let updates = [(0, 0, 1), (0, 1, 2), (1, 0, 1)];
        assert_eq!(run(STRONG, &updates), ["lost"]);
        // What shows that the step depends on the value may come later.
        let updates = [(0, 5, 6), (0, 6, 4), (1, 5, 3), (1, 3, 1)];
        assert_eq!(run(STRONG, &updates), ["lost"]);
    }

    #[test]
    fn what_each_would_do_alone_may_be_done_by_several() {
        let updates = [(0, 5, 6), (1, 5, 6), (0, 6, 7), (1, 6, 7), (0, 7, 8)];
        assert_eq!(run(STRONG, &updates), Vec::<&str>::new());
    }

    #[test]
    fn updates_that_follow_each_other_lose_nothing() {
        let updates = [(0, 0, 1), (0, 1, 2), (1, 2, 3), (1, 3, 4), (0, 4, 5)];
        assert_eq!(run(STRONG, &updates), Vec::<&str>::new());
    }

    #[test]
    fn one_writer_loses_nothing() {
        assert!(run(RELAXED, &[(0, 0, 1), (0, 1, 2), (0, 2, 3)]).is_empty());
    }

    #[test]
    fn what_is_the_same_whoever_stores_it_is_no_update() {
        // A cache, a flag, and turns.
        assert!(run(RELAXED, &[(0, 0, 7), (1, 0, 7), (2, 0, 7)]).is_empty());
        assert!(run(RELAXED, &[(0, 0, 1), (1, 1, 0), (0, 0, 1), (1, 1, 0)]).is_empty());
        let turns = [(0, 0, 1), (1, 1, 2), (2, 2, 0)];
        assert!(run(RELAXED, &[turns, turns].concat()).is_empty());
    }

    #[test]
    fn times_that_are_stored_are_no_updates() {
        assert!(run(RELAXED, &[(0, 0, 17), (1, 17, 40), (0, 40, 99)]).is_empty());
    }
}
