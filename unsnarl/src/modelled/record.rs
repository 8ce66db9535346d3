//! What loom knows of the cells of [`crate::cell`].

use std::panic::Location;

use loom::cell::UnsafeCell;

/// The accesses to a value, as loom sees them: those to a cell of its own, with nothing in it.
pub(crate) struct Record(UnsafeCell<()>);

impl Record {
    #[track_caller]
    pub(crate) fn new(_what: &'static str, _created: &'static Location<'static>) -> Self {
        Self(UnsafeCell::new(()))
    }

    #[track_caller]
    pub(crate) fn reads(&self, _site: &'static Location<'static>) {
        self.0.with(|_| ());
    }

    #[track_caller]
    pub(crate) fn writes(&self, _site: &'static Location<'static>) {
        self.0.with_mut(|_| ());
    }

    /// A pointer is taken: what is done through it, nobody knows.
    pub(crate) fn points(&self, _site: &'static Location<'static>) {}

    /// What was done before is over: whoever has the value for itself begins anew.
    #[track_caller]
    pub(crate) fn forget(&mut self) {
        self.0 = UnsafeCell::new(());
    }
}
