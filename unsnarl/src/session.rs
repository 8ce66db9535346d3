//! Sessions: which test a thread runs.

#[cfg(any(feature = "explore", all(feature = "loom", not(feature = "observe"))))]
use std::any::Any;
use std::marker::PhantomData;
#[cfg(any(feature = "explore", all(feature = "loom", not(feature = "observe"))))]
use std::process::ExitCode;
use std::process::Termination;

#[cfg(feature = "observe")]
use crate::allowed::Allowed;
use crate::explorer::Explorer;

#[cfg(feature = "observe")]
use crate::recorder::{
    rounds::Rounds,
    sessions::{self, Outer},
};

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

/// What a test does when it passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Passes {
    /// It returns, and what it returns is no error.
    ByReturning,
    /// It panics, as `#[should_panic]` says.
    ByPanicking,
}

#[cfg(any(feature = "explore", all(feature = "loom", not(feature = "observe"))))]
impl Passes {
    /// What a test returns that has passed, if that can be known: if it is nothing.
    pub(crate) fn result<R: 'static>(self) -> Option<R> {
        let mut nothing = (self == Self::ByReturning).then_some(());
        let value: &mut dyn Any = &mut nothing;
        value.downcast_mut::<Option<R>>()?.take()
    }
}

/// Runs a test that passes by returning.
///
/// # Panics
///
/// If it does, or returns an error.
#[cfg(any(feature = "explore", all(feature = "loom", not(feature = "observe"))))]
pub(crate) fn succeed<R: Termination>(test: fn() -> R) {
    let code = test().report();
    assert!(code == ExitCode::SUCCESS, "the test returned an error");
}

impl Session {
    /// Runs a test in a session of this name: once, or as often as the environment asks for.
    ///
    /// | variable | meaning |
    /// |---|---|
    /// | `UNSNARL_LEAKS` | `1`: the test must leave nothing behind, as one of `#[unsnarl::test]`; not looked at where it has to panic |
    /// | `UNSNARL_EXPLORE` | `1`: the test runs under many schedules, as [`check`](crate::check) would run it; one that cannot be explored runs once, and so does at the end one whose result is not `()` or that has to panic |
    ///
    /// # Panics
    ///
    /// If the test does, or something was found when it was explored.
    #[track_caller]
    pub fn run<R>(name: &str, passes: Passes, test: fn() -> R) -> R
    where
        R: Termination + 'static,
    {
        let _session = Self::open(name);
        #[cfg(feature = "explore")]
        if let Some(result) =
            crate::controlled::plain::explore(passes, std::panic::Location::caller(), test)
        {
            return result;
        }
        #[cfg(feature = "observe")]
        if let Some(mut rounds) = Rounds::of::<R>() {
            loop {
                let result = test();
                if !rounds.next() {
                    return result;
                }
            }
        }
        #[cfg(feature = "observe")]
        if passes == Passes::ByReturning && crate::leak::is_asked_for() {
            let asked = std::panic::Location::caller();
            return crate::leak::checked(asked, &Allowed::default(), test);
        }
        let _ = passes;
        test()
    }

    /// Explores a test in a session of this name, with these settings where the environment does not say otherwise; with
    /// the feature `check` off, runs it once. `#[unsnarl::test]` calls this. Where it runs once and is watched, leaks are found
    /// in that run, if these settings ask for them.
    ///
    /// # Panics
    ///
    /// As [`check`](crate::check).
    pub fn explore<R>(name: &'static str, passes: Passes, explorer: Explorer, test: fn() -> R) -> R
    where
        R: Termination + 'static,
    {
        // The test harness leaves the name of the crate out.
        let name = name.split_once("::").map_or(name, |(_crate, name)| name);
        let _session = Self::open(name);
        #[cfg(feature = "explore")]
        if let Some(result) = crate::controlled::plain::check(explorer.clone(), passes, test) {
            return result;
        }
        #[cfg(feature = "observe")]
        if let (Some(asked), Passes::ByReturning) = (explorer.leaks, passes) {
            return crate::leak::checked(asked, &explorer.allowed, test);
        }
        #[cfg(all(feature = "loom", not(feature = "observe")))]
        if let Some(result) = crate::modelled::run::test(explorer, passes, test) {
            return result;
        }
        #[cfg(not(any(feature = "explore", all(feature = "loom", not(feature = "observe")))))]
        let _ = (passes, explorer);
        test()
    }

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
