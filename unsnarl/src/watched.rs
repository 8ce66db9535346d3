//! The watched twins of the standard library's types: one file each, named like its twin.

pub(crate) mod builder;
pub(crate) mod condvar;
pub(crate) mod mutex;
pub(crate) mod scope;
pub(crate) mod spin;
pub(crate) mod tag;
pub(crate) mod thread;
