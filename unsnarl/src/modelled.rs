//! The back end that is chosen when the program is built: loom (feature `loom`, without `observe`).
//!
//! Its types go where the watched twins would: they have to be made inside a model, and are not `const`. A program under
//! [`check`](crate::check) is run by loom then, which explores every execution that the memory model of C11 allows, as far
//! as it can (after Norris and Demsky, "CDSChecker", OOPSLA 2013). Where loom's own types would tell of bugs that are none,
//! or are not there at all, there are ones here that are made of its others: atomics with `SeqCst` ([`atomic`]), channels
//! ([`mpsc`]), waits with a timeout ([`condvar`]), threads that panic ([`thread`]), scopes, barriers and once-cells.

pub(crate) mod atomic;
pub(crate) mod barrier;
mod complaint;
pub(crate) mod condvar;
pub(crate) mod lazy_lock;
mod limits;
pub(crate) mod local;
pub(crate) mod mpsc;
pub(crate) mod mutex;
pub(crate) mod once;
pub(crate) mod once_lock;
mod panics;
pub(crate) mod park;
pub(crate) mod pause;
pub(crate) mod record;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod scope;
pub(crate) mod thread;
mod verdict;
