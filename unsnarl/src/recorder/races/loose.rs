//! Atomics that a thread has read without being ordered by them: what a race is often told to owe its existence to.

use std::sync::atomic::Ordering;

use model::site::Caller;
use race::epoch::Epoch;

/// An operation on an atomic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    pub(crate) site: Caller,
    pub(crate) order: Ordering,
}

/// A value of an atomic that was written at this moment, and read.
#[derive(Clone, Copy, Debug)]
pub(super) struct LooseRead {
    pub(super) written: Epoch,
    pub(super) store: Operation,
    pub(super) load: Operation,
}

/// How many are remembered.
const MOST: usize = 8;

/// The last of them.
#[derive(Debug, Default)]
pub(super) struct LooseReads {
    reads: [Option<LooseRead>; MOST],
    next: usize,
}

impl LooseReads {
    /// The thread has read this, and does not come after its writer.
    pub(super) fn add(&mut self, read: LooseRead) {
        let same = |known: &LooseRead| {
            std::ptr::eq(known.store.site, read.store.site)
                && std::ptr::eq(known.load.site, read.load.site)
        };
        let known = self.reads.iter_mut().flatten().find(|known| same(known));
        match known {
            Some(known) => *known = read,
            None => {
                self.reads[self.next % MOST] = Some(read);
                self.next += 1;
            }
        }
    }

    /// One that would have ordered the thread after this moment of another, which it does not come after.
    pub(super) fn after(&self, moment: Epoch) -> Option<LooseRead> {
        let reads = self.reads.iter().flatten().copied();
        { reads }.find(|read| {
            read.written.slot() == moment.slot() && read.written.time() >= moment.time()
        })
    }
}
