//! What is wrong with a trace.

use std::fmt;
use std::io;

/// Why a trace could not be read to its end.
#[derive(Debug)]
pub struct Error {
    /// The line, from 1.
    line: u64,
    kind: ErrorKind,
}

#[derive(Debug)]
pub(crate) enum ErrorKind {
    Read(io::Error),
    /// The line is not `thread|operation|location`.
    Shape,
    /// The last line has no end, and is no event.
    Truncated,
    UnknownOperation(String),
    UnknownOrdering(String),
    NoOperand(String),
    /// What happened cannot have happened in this order.
    Impossible(String),
}

impl Error {
    pub(crate) fn new(line: u64, kind: ErrorKind) -> Self {
        Self { line, kind }
    }

    /// The line where it is, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.kind {
            ErrorKind::Read(_) => write!(f, "cannot read on"),
            ErrorKind::Shape => write!(f, "not of the form `thread|operation(operand)|location`"),
            ErrorKind::Truncated => write!(f, "the trace is cut off in the middle of this line"),
            ErrorKind::UnknownOperation(name) => write!(f, "unknown operation `{name}`"),
            ErrorKind::UnknownOrdering(name) => write!(f, "unknown memory ordering `{name}`"),
            ErrorKind::NoOperand(name) => write!(f, "`{name}` needs an operand: `{name}(…)`"),
            ErrorKind::Impossible(what) => write!(f, "{what}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Read(source) => Some(source),
            _ => None,
        }
    }
}
