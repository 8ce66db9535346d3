//! What our `#[test]` and `#[global_allocator]` expand to.

#[doc(no_inline)]
pub use core::prelude::v1::{global_allocator, test};

use std::process::Termination;

#[doc(no_inline)]
pub use unsnarl::allocator::Unwatched;
use unsnarl::{Passes, Session};

/// Runs a test in a session. `path` begins with the name of the crate.
#[track_caller]
pub fn run<R: Termination + 'static>(path: &'static str, test: fn() -> R) -> R {
    Session::run(name(path), Passes::ByReturning, test)
}

/// The same, for a test that has to panic.
#[track_caller]
pub fn run_to_panic<R: Termination + 'static>(path: &'static str, test: fn() -> R) -> R {
    Session::run(name(path), Passes::ByPanicking, test)
}

/// Opens the session of a test that runs in the current thread.
pub fn open(path: &'static str) -> Session {
    Session::open(name(path))
}

/// The test's name, as the test harness has it: without that of the crate.
fn name(path: &'static str) -> &'static str {
    path.split_once("::").map_or(path, |(_crate, name)| name)
}
