//! Weak memory: which of its values an atomic may show to a thread.
//!
//! **Follows** C11 and C++20 (with *P0668*, the repaired `SeqCst`) as made operational by Lidbury and Donaldson, *Dynamic race
//! detection for C++11* (POPL 2017), for operations that are carried out one after the other. Each atomic keeps its
//! modification order ([`history::History`]); a load may show any store that coherence and happens-before leave; a
//! read-modify-write takes the latest; a failed comparison is a load. What is kept of `SeqCst` fences
//! ([`fences::Fences`]) is as in the standard's four conditions, with fences that lie before an operation by
//! happens-before and not only in its own thread, and with readers as well as writers on the far side of one.
//!
//! **Finds** nothing by itself: it says what may be read, and whoever explores chooses.
//!
//! **Misses**, of what the standard allows:
//! - load buffering, and all else in which a value is read before it is written: the standard's authors would have it
//!   forbidden too (Lahav and others, *Repairing sequential consistency in C/C++11*, PLDI 2017);
//! - stores that take effect in another order than they were carried out: the modification order is that of execution, so
//!   that 2+2W and S are seen only as interleavings show them;
//! - `SeqCst` operations in another order than they were carried out (the program Z6.U of that paper);
//! - what was stored more than [`history::MOST`] stores ago.
//!
//! With these left out it is exact: tests compare it with the axioms, execution by execution.
//!
//! **False alarms** where an edge was not told.

pub mod fences;
pub mod history;

#[cfg(test)]
mod axioms;
#[cfg(test)]
mod litmus;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod program;
