//! Root threads: those that nobody watched start, and whether the program waits for their end.
//!
//! A hang is one only if somebody waits: the workers of a pool that sleep after the last test are none.

use super::{backtraces, harness, sessions, system};

/// A root thread.
#[derive(Clone, Debug)]
pub(super) enum Root {
    /// The thread that runs `main`.
    Main,
    /// Any other: the calls it was in when it was first seen tell a test from somebody's pool. Where they have no names,
    /// its own name must do: tests have one. But if other tests have said that they run, this is none.
    Other { calls: Box<[usize]>, is_named: bool },
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
        let is_named = std::thread::current().name().is_some();
        Self::Other {
            calls: Box::from(&addresses[outermost..]),
            is_named,
        }
    }

    /// Whether the program waits for it: the main thread, or one in which the standard test harness runs a test.
    /// It reads symbols, so it is not for the hot path.
    pub(super) fn is_foreground(&self) -> bool {
        match self {
            Self::Main => true,
            Self::Other { calls, is_named } => harness::is_called_from(calls)
                .or_else(|| is_named_in_harness(calls))
                .unwrap_or_else(|| *is_named && !sessions::are_known()),
        }
    }
}

/// The same by debug information; `None` if that has no names either.
fn is_named_in_harness(calls: &[usize]) -> Option<bool> {
    let frames: Vec<_> = calls
        .iter()
        .flat_map(|&address| backtraces::frames(address))
        .collect();
    let is_readable = frames
        .iter()
        .any(|frame| frame.function.starts_with("std::"));
    is_readable.then(|| {
        frames
            .iter()
            .any(|frame| frame.function.starts_with("test::"))
    })
}

#[cfg(test)]
mod tests {
    use super::Root;
    use crate::Session;

    #[test]
    fn a_name_tells_a_test_only_where_none_says_that_it_runs() {
        let root = Root::Other {
            calls: Box::default(),
            is_named: true,
        };
        assert!(root.is_foreground());
        drop(Session::open("a test"));
        assert!(!root.is_foreground());
    }
}
