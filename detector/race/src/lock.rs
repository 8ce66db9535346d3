//! What locks and meeting points carry.

use crate::local::Local;
use crate::stamp::Stamp;

/// What a read-write lock carries: writers come after everybody, readers after writers only.
#[derive(Clone, Debug, Default)]
pub struct ReadWrite {
    writer: Stamp,
    readers: Stamp,
}

impl ReadWrite {
    /// A lock that nobody has had.
    pub const NEW: Self = Self {
        writer: Stamp::NONE,
        readers: Stamp::NONE,
    };

    /// The thread has the lock for reading.
    pub fn acquire_shared(&self, thread: &mut Local) {
        thread.acquire(&self.writer);
    }

    /// The thread has the lock for writing.
    pub fn acquire(&self, thread: &mut Local) {
        thread.acquire(&self.writer);
        thread.acquire(&self.readers);
    }

    /// The thread is about to give it back from reading.
    pub fn release_shared(&mut self, thread: &mut Local) {
        thread.release_beside(&mut self.readers);
    }

    /// The thread is about to give it back from writing.
    pub fn release(&mut self, thread: &mut Local) {
        thread.release_to(&mut self.writer);
        // The writer came after all of them.
        self.readers = Stamp::NONE;
    }
}

/// A place where several threads meet, as at a barrier: who leaves comes after all who arrived.
#[derive(Clone, Debug, Default)]
pub struct Meeting {
    arrived: Stamp,
}

impl Meeting {
    /// The thread arrives.
    pub fn arrive(&mut self, thread: &mut Local) {
        thread.release_beside(&mut self.arrived);
    }

    /// What those have done who arrived.
    #[must_use]
    pub fn arrived(&self) -> &Stamp {
        &self.arrived
    }

    /// The thread leaves, after all have arrived.
    pub fn leave(&self, thread: &mut Local) {
        thread.acquire(&self.arrived);
    }
}
