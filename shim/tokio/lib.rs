//! Stands in for tokio in crates that know nothing of it: tokio by glob, with watched tasks and locks in it.
//!
//! It cannot be built before the program is: it is compiled against the very tokio that the program is built with, by the
//! wrapper around the compiler, when the first crate of the workspace asks for tokio. Its modules are those of `unsnarl`, with
//! its recorder below them, so that tasks and threads are watched by one.

mod facade;
mod watched;

/// The recorder, as far as the twins need it.
mod recorder {
    pub(crate) use unsnarl::__parts::recorder::*;
}

pub use self::facade::*;
