//! The race detector on real threads.
//!
//! It works only in programs that use a watched cell ([`crate::cell`]), from the first access on, or while a run is
//! recorded. Until then every hook is
//! one relaxed load of a flag. Nothing is lost by that: a race is told of two accesses, both after the flag was set, and
//! whatever orders them is a chain of operations that begins in the thread of the first access, after it, and ends in the
//! thread of the second, before it. Every link of the chain happens after the first access, so after the flag was set by
//! its thread, and sees it: each hook on the acquiring side looks at the flag after the operation that acquires. What
//! synchronised before can only have ordered accesses that nobody has noted.
//!
//! A thread that lives when watching begins, or that nobody watched start, begins with an empty clock at its first
//! operation after. Between threads of which one descends from a thread that nobody watched start, and the other does not
//! descend from that one, unknown things may order accesses, so nothing is told of them.
//!
//! Every hook takes the thread's own half out of its place while it works, so one that comes from inside (a global
//! allocator that locks) finds nothing and does nothing.

pub(crate) mod accesses;
pub(crate) mod atomics;
#[cfg(feature = "explore")]
pub(crate) mod fibers;
#[cfg(feature = "tasks")]
pub(crate) mod halves;
pub(crate) mod lives;
pub(crate) mod locks;
pub(crate) mod parks;
pub(crate) mod regions;
pub(crate) mod tape;
#[cfg(feature = "explore")]
pub(crate) mod value;
#[cfg(feature = "explore")]
pub(crate) mod weak;

mod census;
pub(crate) mod destructors;
mod edge;
mod held;
mod lessons;
mod loose;
mod me;
mod told;
mod two_steps;

use super::attention::{self, Looker};

/// Whether any watched cell is in use.
#[inline(always)]
pub fn is_watching() -> bool {
    // See the top: who has to see it comes after an operation that acquires from whoever set it.
    attention::is_paid_by(Looker::Races)
}

/// A watched cell is in use.
#[cold]
fn watch() {
    attention::pay(Looker::Races);
}
