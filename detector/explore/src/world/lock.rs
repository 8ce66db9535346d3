//! Who holds a mutex or read-write lock.

use model::event::Mode;

use crate::op::Tid;

/// A mutex or read-write lock. Readers queue behind a writer that waits, as the standard library's do.
#[derive(Clone, Debug, Default)]
pub struct Lock {
    writer: Option<Tid>,
    readers: Vec<Tid>,
    /// Writers that wait for readers to leave.
    queued: Vec<Tid>,
}

impl Lock {
    /// Whether nobody holds it.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.writer.is_none() && self.readers.is_empty()
    }

    /// Who holds it alone.
    #[must_use]
    pub fn writer(&self) -> Option<Tid> {
        self.writer
    }

    /// Whether a thread that asks for it would go one step on: have it, or queue up for it.
    #[must_use]
    pub(super) fn can_begin(&self, tid: Tid, mode: Mode) -> bool {
        let joins_queue =
            mode == Mode::Exclusive && self.writer.is_none() && !self.queued.contains(&tid);
        self.can_take(tid, mode) || joins_queue
    }

    fn can_take(&self, tid: Tid, mode: Mode) -> bool {
        match mode {
            Mode::Exclusive => self.is_free(),
            Mode::Shared => {
                self.writer.is_none() && self.queued.iter().all(|&writer| writer == tid)
            }
        }
    }

    /// Takes it, if that can be done now.
    pub(super) fn take(&mut self, tid: Tid, mode: Mode) -> bool {
        let can = self.can_take(tid, mode);
        if can {
            match mode {
                Mode::Exclusive => self.writer = Some(tid),
                Mode::Shared => self.readers.push(tid),
            }
            self.queued.retain(|&writer| writer != tid);
        }
        can
    }

    pub(super) fn queue(&mut self, tid: Tid) {
        self.queued.push(tid);
    }

    pub(super) fn share(&mut self, tid: Tid) {
        self.readers.push(tid);
    }

    /// A thread lets it go, or no longer waits for it.
    pub(super) fn release(&mut self, tid: Tid) {
        if self.writer == Some(tid) {
            self.writer = None;
        } else if let Some(place) = self.readers.iter().rposition(|&reader| reader == tid) {
            self.readers.swap_remove(place);
        }
        self.queued.retain(|&writer| writer != tid);
    }
}
