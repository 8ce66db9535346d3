//! Compare-exchanges that succeed on a value that had changed and changed back.
//!
//! **Follows** the problem as Treiber, *Systems Programming: Coping with Parallelism* (1986), and Michael, *Hazard
//! Pointers* (2004), describe it: a thread takes the first node `a` of a list off by putting `a`'s successor in its place;
//! meanwhile others have taken `a` off and put it on again, with another successor.
//!
//! A value that changed back is no bug by itself: counters and states do that all the time. So all of this has to have
//! happened: a thread read `a` from one atomic, and then `b` from another; others changed the first and changed it back
//! to `a`, the last of them by an exchange of some `c` for `a`; the second holds that `c` now, which is not `b`; and the
//! thread's exchange of `a` for `b` succeeds. Then `b` is an old successor, and `c`, which somebody has just linked, is lost.
//!
//! **Finds** that in lists whose links are atomics, in a run in which it happened.
//!
//! **Misses** it where links are plain memory (that is a data race), and in other structures than lists.
//!
//! **False alarms** where numbers that have nothing to do with each other agree in all of this.

pub mod finding;

/// A value that a thread has read from an atomic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance<S> {
    /// The atomic.
    pub atomic: usize,
    /// What was read.
    pub value: u64,
    /// How often the atomic had changed.
    pub version: u64,
    /// Where.
    pub site: S,
}

/// How many values a thread remembers.
const MOST: usize = 8;

/// The values that a thread has read last, from atomics that it has not written since.
#[derive(Debug)]
pub struct Glances<S> {
    last: [Option<Glance<S>>; MOST],
    next: usize,
}

impl<S> Default for Glances<S> {
    fn default() -> Self {
        Self {
            last: [const { None }; MOST],
            next: 0,
        }
    }
}

/// What an atomic holds, and how it came there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// The value.
    pub value: u64,
    /// How often it has changed.
    pub version: u64,
    /// The value that the last write exchanged it for, if it was a compare-exchange.
    pub exchanged: Option<u64>,
}

/// A successor that may be an old one: it is if the atomic that it was read from holds another by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspect<S> {
    /// Where the successor was read.
    pub link: Glance<S>,
    /// What is there now if something was lost.
    pub lost: u64,
}

impl<S: Copy> Glances<S> {
    /// The thread has read this.
    pub fn add(&mut self, glance: Glance<S>) {
        self.last[self.next % MOST] = Some(glance);
        self.next = self.next.wrapping_add(1);
    }

    /// The thread has written this atomic.
    pub fn forget(&mut self, atomic: usize) {
        for glance in &mut self.last {
            if glance
                .as_ref()
                .is_some_and(|glance| glance.atomic == atomic)
            {
                *glance = None;
            }
        }
    }

    /// The thread exchanges the value that an atomic holds for `new`. Returns the value's successor, if the value had changed
    /// since the thread read it.
    #[must_use]
    pub fn exchange(&self, atomic: usize, holding: &Holding, new: u64) -> Option<Suspect<S>> {
        let lost = holding.exchanged.filter(|&lost| lost != new)?;
        let newest = (1..=MOST).map(|back| self.next.wrapping_sub(back) % MOST);
        let newest = newest.filter_map(|place| self.last[place].as_ref());
        let read = newest.clone().find(|glance| glance.atomic == atomic)?;
        if read.version == holding.version || read.value != holding.value {
            return None;
        }
        let mut after = newest.take_while(|glance| glance.atomic != atomic);
        let link = *after.find(|glance| glance.value == new)?;
        Some(Suspect { link, lost })
    }
}

impl Holding {
    /// It was written; `exchanged` is what was there, if it was compared.
    pub fn write(&mut self, value: u64, exchanged: Option<u64>) {
        if value != self.value {
            self.version += 1;
        }
        self.value = value;
        self.exchanged = exchanged;
    }

    /// It was changed, and what to will be seen by whoever looks at it next.
    pub fn change(&mut self) {
        self.version += 1;
        self.exchanged = None;
    }

    /// Whether this, which the suspect's successor was read from, holds what is lost.
    #[must_use]
    pub fn confirms<S>(&self, suspect: &Suspect<S>) -> bool {
        self.version != suspect.link.version && self.value == suspect.lost
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Glance, Glances, Holding};

    /// Threads and atomics, by number from 1.
    #[derive(Default)]
    struct Program {
        glances: BTreeMap<u32, Glances<()>>,
        atomics: BTreeMap<usize, Holding>,
    }

    impl Program {
        fn load(&mut self, thread: u32, atomic: usize) -> u64 {
            let Holding { value, version, .. } = *self.atomics.entry(atomic).or_default();
            let glance = Glance {
                atomic,
                value,
                version,
                site: (),
            };
            self.glances.entry(thread).or_default().add(glance);
            value
        }

        fn store(&mut self, thread: u32, atomic: usize, value: u64) {
            self.glances.entry(thread).or_default().forget(atomic);
            self.atomics.entry(atomic).or_default().write(value, None);
        }

        /// Returns whether it is the bug.
        fn exchange(&mut self, thread: u32, atomic: usize, old: u64, new: u64) -> bool {
            let holding = *self.atomics.entry(atomic).or_default();
            assert_eq!(holding.value, old);
            let glances = self.glances.entry(thread).or_default();
            let suspect = glances.exchange(atomic, &holding, new);
            glances.forget(atomic);
            let place = self.atomics.entry(atomic).or_default();
            place.write(new, Some(old));
            suspect.is_some_and(|suspect| self.atomics[&suspect.link.atomic].confirms(&suspect))
        }
    }

    const HEAD: usize = 100;

    /// A stack of nodes 1 and 2; the link of node n is atomic n.
    fn stack() -> Program {
        let mut program = Program::default();
        program.store(9, 1, 2);
        program.store(9, HEAD, 1);
        program
    }

    fn pop(program: &mut Program, thread: u32) -> bool {
        let top = program.load(thread, HEAD);
        let next = program.load(thread, top as usize);
        program.exchange(thread, HEAD, top, next)
    }

    fn push(program: &mut Program, thread: u32, node: u64) -> bool {
        let top = program.load(thread, HEAD);
        program.store(thread, node as usize, top);
        program.exchange(thread, HEAD, top, node)
    }

    #[test]
    fn a_node_that_came_back_with_another_successor_is_told() {
        let mut program = stack();
        let top = program.load(1, HEAD);
        let next = program.load(1, top as usize);
        assert!(!pop(&mut program, 2) && !pop(&mut program, 2));
        assert!(!push(&mut program, 2, 3) && !push(&mut program, 2, 1));
        assert!(program.exchange(1, HEAD, top, next));
    }

    #[test]
    fn a_node_that_came_back_with_the_same_successor_is_not() {
        let mut program = stack();
        let top = program.load(1, HEAD);
        let next = program.load(1, top as usize);
        assert!(!pop(&mut program, 2) && !push(&mut program, 2, 1));
        assert!(!program.exchange(1, HEAD, top, next));
    }

    #[test]
    fn stacks_whose_nodes_are_not_reused_are_silent() {
        let mut program = stack();
        for node in 3..50 {
            assert!(!push(&mut program, 1 + node as u32 % 2, node));
            assert!(!pop(&mut program, 1 + node as u32 / 2 % 2));
        }
    }

    #[test]
    fn counters_that_change_back_are_silent() {
        let mut program = Program::default();
        program.store(9, HEAD, 5);
        program.store(9, 1, 6);
        for (up, other) in [(6, 4), (6, 6), (4, 6), (4, 4)] {
            let old = program.load(1, HEAD);
            program.load(1, 1);
            program.exchange(2, HEAD, 5, other);
            program.store(2, 1, up);
            program.exchange(2, HEAD, other, 5);
            assert!(!program.exchange(1, HEAD, old, up));
            program.exchange(1, HEAD, up, 5);
        }
    }
}
