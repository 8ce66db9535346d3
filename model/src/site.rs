//! Sites: places in the source.

use std::fmt;
use std::panic::Location;

use crate::record::record;

/// Where an operation was called from, as the compiler knows it. Cheap to copy; the form that events carry.
pub type Caller = &'static Location<'static>;

record! {
    /// A place in the source: the form that findings and reports carry.
    #[derive(PartialOrd, Ord, Hash)]
    pub struct Site {
        /// The path as the compiler printed it: relative to the workspace for workspace crates, else absolute.
        pub file: String,
        /// The line, from 1.
        pub line: u32,
        /// The column in characters, from 1; for `x.lock()` it is that of `lock`.
        pub column: u32,
    }
}

impl Site {
    /// The site of this file, line and column.
    #[must_use]
    pub fn new(file: impl Into<String>, line: u32, column: u32) -> Self {
        Self {
            file: file.into(),
            line,
            column,
        }
    }
}

impl From<Caller> for Site {
    fn from(caller: Caller) -> Self {
        Self::new(caller.file(), caller.line(), caller.column())
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// What a lock is known by beyond its own instance: locks of one origin form a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The name its maker gave it.
    Named(&'static str),
    /// The place that made it.
    Created(Caller),
}
