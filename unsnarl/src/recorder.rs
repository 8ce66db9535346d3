//! Where the program meets the engines: the only room with globals and thread-locals.
//!
//! A watched operation announces itself here before it blocks. From the top: `acquisition`, `waits`, `threads` and
//! `scopes` are what the twins call, `sessions` what tests do; `noise` disturbs, `races` is the race detector, `profile` the profiler; `learn` is
//! the cold path of locks, `monitor` looks closer at what seems to hang;
//! `findings` says what was found; `inside` is the way in; `report`, `ending` and `end` keep what was found when the
//! process or a thread ends; `engines` and `seats` hold the shared halves of the engines, `state` a thread's own.

#![allow(
    missing_debug_implementations,
    reason = "some of it is public for crates of ours"
)]

pub(crate) mod acquisition;
pub(crate) mod attention;
pub(crate) mod cancellations;
pub(crate) mod faults;
#[cfg(feature = "tasks")]
pub(crate) mod hosts;
pub(crate) mod leaks;
pub(crate) mod learn;
pub(crate) mod noise;
pub(crate) mod profile;
pub(crate) mod races;
pub(crate) mod rounds;
pub(crate) mod scopes;
pub(crate) mod seats;
pub(crate) mod sessions;
pub(crate) mod state;
#[cfg(feature = "tasks")]
pub(crate) mod tasks;
pub(crate) mod threads;
pub(crate) mod waits;

mod alarm;
mod backtraces;
pub(crate) mod brief;
mod cores;
mod dump;
mod end;
pub(crate) mod ending;
mod engines;
pub(crate) mod findings;
mod harness;
mod inside;
mod monitor;
mod options;
mod orders;
#[cfg(unix)]
mod quit;
mod report;
mod root;
mod say;
mod stacks;
pub(crate) mod statics;
mod system;
