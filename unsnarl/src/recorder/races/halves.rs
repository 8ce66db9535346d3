//! Tasks: many on each thread of the operating system, and on another one at each poll, each with a half of its own, which
//! is in its place only while the task runs.

use std::ptr;

use super::is_watching;
use super::me::{self, Image};

/// The half of a task that does not run, or, while it does, that of the thread it runs on.
pub(crate) struct Half(Image);

// SAFETY: what it points to belongs to nobody else, and holds nothing of the thread it was used on.
unsafe impl Send for Half {}

impl Half {
    /// That of a task that has not run.
    pub(crate) const FRESH: Self = Self(Image::FRESH);

    /// The task in place is over.
    pub(crate) fn end() {
        if is_watching() {
            me::end();
        }
    }

    /// Changes places with what is in place on this thread.
    pub(crate) fn swap(&mut self) {
        let image = std::mem::replace(&mut self.0, Image::FRESH);
        self.0 = me::exchange(image, ptr::null()).0;
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        drop(me::take(std::mem::replace(&mut self.0, Image::FRESH)));
    }
}
