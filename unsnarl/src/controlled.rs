//! The controlled mode: threads as coroutines of one thread of the operating system, and a schedule that decides, before
//! each operation, whose turn it is.
//!
//! A watched operation announces what it is about to do, waits for its turn, and then finds the standard library's
//! primitive free: who holds what is kept in [`explore::world`]. Where the observed mode would take its cold path,
//! `recorder::state` knows that the thread is controlled, so that the hot path pays nothing for this one.
//!
//! From the bottom: `fiber` is a coroutine; `execution` the threads and objects of one execution; `current` the way to
//! the one that runs on this thread; `operation` how a thread takes its turn; the others are what the twins call, one
//! file per kind of twin; `mishap` what happens to them for no reason, `deadline` when
//! their waits are over. `teardown` ends the threads that an execution leaves behind; `failure` says what went wrong, `leaks` what is left;
//! `worker` runs one
//! execution, `campaign` one after the other.

pub(crate) mod atomic;
pub(crate) mod campaign;
pub(crate) mod channel;
pub(crate) mod clock;
pub(crate) mod condvar;
pub(crate) mod leaks;
pub(crate) mod local;
pub(crate) mod lock;
pub(crate) mod panics;
pub(crate) mod park;
pub(crate) mod pause;
pub(crate) mod plain;
pub(crate) mod poison;
pub(crate) mod race;
pub(crate) mod room;
pub(crate) mod scope;
pub(crate) mod thread;
pub(crate) mod weak;
pub(crate) mod worker;

#[cfg(unix)]
mod crash;
mod current;
mod deadline;
mod deadlock;
mod divergence;
mod entropy;
mod environment;
mod execution;
mod failure;
mod fatal;
mod fiber;
mod futex;
#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod kernel;
mod mishap;
pub(crate) mod operation;
mod regressions;
mod spare;
mod table;
mod teardown;
mod watchdog;

pub(crate) use crate::recorder::state::is_controlled as is_on;
