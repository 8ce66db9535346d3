//! What the cells of [`crate::cell`] carry when they are watched.

pub(crate) use crate::recorder::races::accesses::Record;
