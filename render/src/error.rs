//! Why a report could not be read.

use std::error;
use std::fmt;

/// Why a text is not a report that this version can read.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
}

#[derive(Debug)]
pub(crate) enum ErrorKind {
    /// There is nothing in it.
    Empty,
    /// It ends too early.
    Truncated { line: usize, column: usize },
    /// It is not JSON.
    Json { source: serde_json::Error },
    /// It is JSON of something else.
    Foreign,
    /// A later version wrote it.
    Newer { found: u64, known: u32 },
    /// It says that it is a report, but is not one.
    Damaged { source: serde_json::Error },
    /// Something in it points at something that is not there.
    Dangling {
        what: &'static str,
        index: usize,
        class: usize,
        classes: usize,
    },
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self { kind }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Empty => f.write_str("not a report of unsnarl: it is empty"),
            ErrorKind::Truncated { line, column } => write!(
                f,
                "the report is cut off at line {line} column {column}: it was not written to its end"
            ),
            ErrorKind::Json { .. } => f.write_str("not a report of unsnarl: it is not JSON"),
            ErrorKind::Foreign => f.write_str(
                "not a report of unsnarl: it is JSON, but without `schema` and `findings`",
            ),
            ErrorKind::Newer { found, known } => write!(
                f,
                "written by a newer unsnarl (schema {found}, this one reads up to {known}): update"
            ),
            ErrorKind::Damaged { .. } => f.write_str("the report of unsnarl is damaged"),
            ErrorKind::Dangling {
                what,
                index,
                class,
                classes,
            } => write!(
                f,
                "the report of unsnarl is damaged: {what} {index} names class {class} of {classes}"
            ),
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Json { source } | ErrorKind::Damaged { source } => Some(source),
            _ => None,
        }
    }
}
