//! Finds deadlocks, lock-order inversions and data races while your own tests run.
//!
//! Write `unsnarl::sync` for `std::sync` and `unsnarl::thread` for `std::thread`. With the feature `check` off, the
//! default, those *are* the standard library's types. With it on, every lock, wait and thread is watched:
//!
//! ```
//! use unsnarl::sync::Mutex;
//!
//! let account = Mutex::new(100);
//! *account.lock().unwrap() += 20;
//! assert_eq!(*account.lock().unwrap(), 120);
//! ```
//!
//! # What is found
//!
//! * Locks taken in orders that form a ring, from a run in which nothing went wrong.
//! * Threads that wait for ever: within 100 ms each is named with what it holds and what it waits for, and one of them
//!   panics, so that the test fails instead of hanging.
//! * Threads and tasks that outlive their test, and guards that are never dropped, where it asks: [`leak::check_none`], and
//!   `#[unsnarl::test]`.
//! * With the feature `tokio`, all this of tasks: `unsnarl::tokio` goes in the place of tokio.
//! * The same of tasks on the small executor of [`future`], which explored runs control.
//! * Operations that leave something undone when they are cancelled: [`cancel::at_every_await`].
//!
//! * Data races: accesses to a [`cell`] that nothing orders, also where the two lie far apart in this run.
//!
//! * Updates of an atomic in two steps that overwrite each other, and exchanges that fall for a value that came back.
//!
//! * Regions declared to be atomic, with [`atomic_region`], that something came between.
//!
//! * With [`check`] or an [`Explorer`], what goes wrong in any of many interleavings of a test, with a token that shows it
//!   again.
//!
//! Where something may go wrong, [`fault_point!`] lets it.
//!
//! # With loom
//!
//! The feature `loom` puts the types of [loom](https://docs.rs/loom) under the same paths. [`check`] and `#[unsnarl::test]`
//! then explore every execution that the memory model allows, as far as loom goes: of small tests, with five threads in
//! all, whose objects are made in the closure and none of them in a `static`. Its variables work as always
//! (`LOOM_MAX_PREEMPTIONS`, `LOOM_MAX_BRANCHES`, `LOOM_LOG`, …); of an explorer's settings, the number of schedules and the
//! time do.
//!
//! What loom has not is made of what it has: channels that end, scopes, barriers, once-cells, timeouts, threads that
//! panic. Where it shows what cannot happen, it is kept from that: of `SeqCst` operations, and of stores between swaps.
//! There is no `Weak`, no `Arc` of a trait or a slice, and no poison.
//!
//! Features of all crates in a build add up, and loom's types cannot do all that others expect of a mutex. So where
//! `check` or `observe` is on as well, they count, and `loom` does nothing.
//!
//! # What is not seen
//!
//! * Data races through anything but the cells of [`cell`].
//! * Locks, threads and channels of other crates that use the standard library directly, and foreign code.
//! * A wait for a message or a notification while any thread still runs: it might be the one to end it.
//! * Waits with a timeout, and busy loops.
//!
//! # Environment
//!
//! | variable | values | meaning |
//! |---|---|---|
//! | `UNSNARL` | `on`, `off` | whether the engines run |
//! | `UNSNARL_ON_FINDING` | `exit`, `panic`, `record`, `abort` | `exit`: print it, go on, exit with 101; `panic`: panic in the thread that found it; `record`: only write the report; `abort`: print it and abort |
//! | `UNSNARL_REPORT_DIR` | a folder | where each process leaves its report |
//! | `UNSNARL_RECORD` | a file, or a folder with a file for each process | where the run is written down, for `cargo unsnarl analyze` |
//! | `UNSNARL_NOISE` | `POLICY:SEED`, `POLICY:SEED+faults` | how threads are disturbed, so that rare interleavings happen; `cargo unsnarl stress` sets it |
//! | `UNSNARL_DUMP` | `0`, `1` | `1`: SIGQUIT does not end the process, but asks it what its threads do: `cargo unsnarl dump` |
//! | `UNSNARL_PROFILE` | `0`, `1`, limits such as `queue=100,hold=5000` | what the program does with its time is measured: `cargo unsnarl profile` |
//! | `UNSNARL_LEAKS` | `0`, `1` | `1`: tests that run in a session must leave nothing behind, as those of `#[unsnarl::test]` |
//! | `UNSNARL_BACKTRACE` | `0`, `1` | whether a backtrace is kept for each new order of locks |

/// What follows happens only where the current thread runs the threads of an explored run.
#[cfg(feature = "explore")]
macro_rules! controlled {
    ($($body:tt)*) => {
        if crate::controlled::is_on() {
            $($body)*
        }
    };
}
#[cfg(all(feature = "observe", not(feature = "explore")))]
macro_rules! controlled {
    ($($body:tt)*) => {};
}

pub mod allocator;
pub mod cancel;
pub mod cell;
pub mod fault;
pub mod future;
pub mod hint;
pub mod leak;
pub mod sync;
pub mod thread;
pub mod time;
#[cfg(all(feature = "tokio", feature = "observe"))]
pub mod tokio;

#[cfg(feature = "observe")]
#[doc(hidden)]
#[path = "parts.rs"]
pub mod __parts;
mod allowed;
#[cfg(feature = "explore")]
mod controlled;
#[cfg(any(feature = "explore", all(feature = "loom", not(feature = "observe"))))]
mod environment;
mod exploration;
mod explorer;
#[cfg(all(feature = "loom", not(feature = "observe")))]
mod modelled;
mod named;
#[cfg(feature = "observe")]
mod recorder;
mod region;
#[cfg(any(feature = "observe", feature = "loom"))]
mod rendered;
#[cfg(any(feature = "observe", feature = "loom"))]
mod report_file;
mod session;
#[cfg(feature = "observe")]
mod watched;

/// What ours is made of, with the feature `loom`.
#[cfg(all(feature = "loom", not(feature = "observe")))]
#[doc(hidden)]
pub use ::loom::thread_local as __loom_thread_local;
/// tokio, watched when the feature `check` is on.
#[cfg(all(feature = "tokio", not(feature = "observe")))]
#[doc(no_inline)]
pub use ::tokio;
pub use exploration::{Exploration, Report, Shown};
pub use explorer::{Explorer, check};
pub use named::Named;
pub use region::atomic_region;
pub use session::{Passes, Session};
#[cfg(not(any(feature = "explore", all(feature = "loom", not(feature = "observe")))))]
#[doc(inline)]
pub use std::thread_local;
/// What ours is made of: where it is used, `std` may be a crate that has ours in its place.
#[cfg(feature = "explore")]
#[doc(hidden)]
pub use std::thread_local as __std_thread_local;
/// Marks a function as a test that is explored, as an [`Explorer`] would with these settings, and that must leave nothing
/// behind. With the feature `check` off, it is a plain test. Needs the feature `macros`.
///
/// Threads that outlive the test, and guards that are never dropped, fail it, as with [`leak::check_none`]. `leaks = false`
/// turns that off; `ignore_leaks_of = "pool-*"` lets threads of such names stay, `ignore_leaks_from = "src/pool.rs"` those
/// started in such a file.
///
/// The settings have the names of the explorer's methods; `time` is a number of seconds. What the environment says goes
/// before (see [`check`]); schedules that failed are kept under the name of the test.
///
/// ```
/// #[unsnarl::test(schedules = 10_000, strategy = "dpor", time = 5)]
/// fn transfers() {
///     let account = unsnarl::sync::Mutex::new(100);
///     *account.lock().unwrap() += 20;
/// }
/// ```
///
/// A setting that there is not, or one without a value, does not compile:
///
/// ```compile_fail
/// #[unsnarl::test(shedules = 10_000)]
/// fn transfers() {}
/// ```
///
/// ```compile_fail
/// #[unsnarl::test(seed)]
/// fn transfers() {}
/// ```
///
/// Nor does it on what is no plain function:
///
/// ```compile_fail
/// #[unsnarl::test]
/// fn transfers(amount: u32) {}
/// ```
#[cfg(feature = "macros")]
pub use unsnarl_macros::explored as test;
