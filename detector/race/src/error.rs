//! What is wrong with a trace.

use std::fmt;
use std::io;

/// Why a trace could not be read to its end.
#[derive(Debug)]
pub struct Error {
    at: At,
    kind: ErrorKind,
}

/// Where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum At {
    /// In this line of a text, from 1.
    Line(u64),
    /// In what begins at this byte of a file, from 0.
    Offset(u64),
    /// At this event of the run, from 1.
    Event(u64),
}

#[derive(Debug)]
pub(crate) enum ErrorKind {
    /// Not the binary format.
    NoTape,
    /// A version of it that is not known.
    Version(u8),
    /// A block is not there whole.
    CutOff,
    /// A block is not what was written.
    Garbled,
    /// The event is not there.
    Missing,
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
        let at = At::Line(line);
        Self { at, kind }
    }

    pub(crate) fn at_offset(offset: u64, kind: ErrorKind) -> Self {
        let at = At::Offset(offset);
        Self { at, kind }
    }

    /// Counted from 0.
    pub(crate) fn at_event(event: u64, kind: ErrorKind) -> Self {
        let at = At::Event(event + 1);
        Self { at, kind }
    }

    /// Where it is.
    #[must_use]
    pub fn at(&self) -> At {
        self.at
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            At::Line(line) => write!(f, "line {line}: ")?,
            At::Offset(offset) => write!(f, "offset {offset}: ")?,
            At::Event(event) => write!(f, "event {event}: ")?,
        }
        match &self.kind {
            ErrorKind::NoTape => write!(f, "not a trace"),
            ErrorKind::Version(version) => write!(
                f,
                "a trace of version {version}, which this version of unsnarl does not know"
            ),
            ErrorKind::CutOff => write!(f, "the file is cut off in the middle of this block"),
            ErrorKind::Garbled => write!(f, "this block was damaged"),
            ErrorKind::Missing => write!(
                f,
                "it and maybe later ones are missing: their thread did not write them"
            ),
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
