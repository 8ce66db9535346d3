//! Sessions: which test a thread runs.

use std::marker::PhantomData;

#[cfg(feature = "observe")]
use crate::recorder::sessions::{self, Outer};

/// A test that the current thread runs, from here until this is dropped.
///
/// Findings bear the name of the test, also those of threads that are started in it; and if it hangs, that is a hang
/// of the program. The tests of the standard harness are known without it. A harness of your own can say it:
///
/// ```
/// fn run(name: &str, test: fn()) {
///     let _session = unsnarl::Session::open(name);
///     test();
/// }
/// # run("transfers", || ());
/// ```
///
/// Sessions of a thread are closed in the opposite order. With the feature `check` off, this does nothing.
#[derive(Debug)]
#[must_use = "the session ends when it is dropped"]
pub struct Session {
    #[cfg(feature = "observe")]
    outer: Option<Outer>,
    /// It is the thread's that opened it.
    of_thread: PhantomData<*const ()>,
}

impl Session {
    /// The current thread begins to run a test of this name.
    pub fn open(name: &str) -> Self {
        #[cfg(not(feature = "observe"))]
        let _ = name;
        Self {
            #[cfg(feature = "observe")]
            outer: Some(sessions::open(name)),
            of_thread: PhantomData,
        }
    }
}

#[cfg(feature = "observe")]
impl Drop for Session {
    fn drop(&mut self) {
        if let Some(outer) = self.outer.take() {
            sessions::close(outer);
        }
    }
}
