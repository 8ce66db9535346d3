//! The least part of a run that lets some events come next, with the order of critical sections kept.
//!
//! A part is a beginning of every thread, with all that its events need. If it has parts of two critical sections of one
//! lock, the one that came first in the run has to be there whole. The least such part that holds given events is their
//! *sync-preserving closure* (Mathur, Pavlogiannis and Viswanathan, *Optimal prediction of synchronization-preserving races*,
//! POPL 2021).

use rustc_hash::FxHashMap;

use crate::clock::Clock;
use crate::epoch::{Epoch, Slot};
use crate::predict::history::{History, Point};

/// A part of a run that only grows. Every event and critical section is taken in once, so growing it through a whole run
/// takes linear time.
#[derive(Debug)]
pub(crate) struct Ideal<'a> {
    history: &'a History,
    /// Per thread, how many of its events are in.
    part: Clock,
    /// Per thread, how many of its critical sections are in, if only their beginning.
    sections: Vec<usize>,
    /// Per lock, the last critical section that is in.
    last: FxHashMap<u32, usize>,
    /// Threads of which more is in than was looked at.
    grown: Vec<u32>,
    is_impossible: bool,
}

impl<'a> Ideal<'a> {
    pub(crate) fn new(history: &'a History) -> Self {
        Self {
            history,
            part: Clock::new(),
            sections: vec![0; history.threads().len()],
            last: FxHashMap::default(),
            grown: Vec::new(),
            is_impossible: false,
        }
    }

    /// Takes in what lets this event come next.
    pub(crate) fn lead_to(&mut self, point: &Point) {
        self.take(point.thread, point.index - 1, &point.needs);
        self.close();
    }

    /// Whether this event is in, or nothing can be said.
    pub(crate) fn has(&self, point: &Point) -> bool {
        self.is_impossible || self.part.time(Slot(point.thread)) >= point.index
    }

    fn take(&mut self, thread: u32, index: u64, needs: &Clock) {
        self.raise(thread, index);
        for (slot, time) in needs.entries() {
            self.raise(slot.0, time);
        }
    }

    #[inline]
    fn raise(&mut self, thread: u32, index: u64) {
        if index > self.part.time(Slot(thread)) {
            self.part.learn(Epoch::new(Slot(thread), index));
            self.grown.push(thread);
        }
    }

    fn close(&mut self) {
        let history = self.history;
        while let Some(thread) = self.grown.pop() {
            let all = &history.threads()[thread as usize].sections;
            while let Some(&number) = all.get(self.sections[thread as usize]) {
                if history.sections[number].begin.index > self.part.time(Slot(thread)) {
                    break;
                }
                self.sections[thread as usize] += 1;
                self.enter(number);
            }
        }
    }

    /// The beginning of a critical section is in.
    fn enter(&mut self, number: usize) {
        let history = self.history;
        let lock = history.sections[number].lock;
        let Some(other) = self.last.insert(lock, number) else {
            return;
        };
        self.last.insert(lock, number.max(other));
        match &history.sections[number.min(other)].end {
            Some((index, needs)) => {
                self.take(
                    history.sections[number.min(other)].begin.thread,
                    *index,
                    needs,
                );
            }
            // Readers that overlap: which of them came first means nothing, and their order is kept here all the same.
            None => self.is_impossible = true,
        }
    }
}
