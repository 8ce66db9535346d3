//! Root threads: those that nobody watched start, and whether the program waits for their end.
//!
//! A hang is one only if somebody waits: the workers of a pool that sleep after the last test are none.

use super::{backtraces, harness, system};

/// A root thread.
#[derive(Clone, Debug)]
pub(super) enum Root {
    /// The thread that runs `main`.
    Main,
    /// Any other: the calls it was in when it was first seen tell a test from somebody's pool.
    Other(Box<[usize]>),
}

/// Test harnesses call a test within so many calls of the thread's outermost one.
const HARNESS_CALLS: usize = 24;

impl Root {
    /// What the current thread is.
    pub(super) fn of_this_thread() -> Self {
        if system::is_main_thread() {
            return Self::Main;
        }
        let addresses = backtraces::addresses(usize::MAX);
        let outermost = addresses.len().saturating_sub(HARNESS_CALLS);
        Self::Other(Box::from(&addresses[outermost..]))
    }

    /// Whether the program waits for it: the main thread, or one in which the standard test harness runs a test.
    /// It reads symbols, so it is not for the hot path.
    pub(super) fn is_foreground(&self) -> bool {
        match self {
            Self::Main => true,
            Self::Other(addresses) => harness::is_called_from(addresses).unwrap_or_else(|| {
                addresses
                    .iter()
                    .rev()
                    .any(|&address| is_in_harness(address))
            }),
        }
    }
}

fn is_in_harness(address: usize) -> bool {
    backtraces::frames(address)
        .iter()
        .any(|frame| frame.function.starts_with("test::"))
}
