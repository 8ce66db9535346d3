//! Where events come from.

use std::io::BufRead;

use crate::error::Error;
use crate::event::Event;
use crate::std_format::{Dictionary, StdReader};

/// A trace that is being read.
pub trait Source {
    /// The next event; `None` at the end.
    ///
    /// # Errors
    ///
    /// If there is something else. What comes after it is not known to make sense.
    fn next_event(&mut self) -> Result<Option<Event>, Error>;

    /// The names read so far.
    fn names(&self) -> &Dictionary;

    /// Whether something that is not in the trace may order threads that do not descend from the same one.
    fn is_partial(&self) -> bool {
        false
    }
}

impl<R: BufRead> Source for StdReader<R> {
    #[inline]
    fn next_event(&mut self) -> Result<Option<Event>, Error> {
        Self::next_event(self)
    }

    fn names(&self) -> &Dictionary {
        Self::names(self)
    }
}
