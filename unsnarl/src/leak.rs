//! Threads, tasks and guards that outlive their test.

use std::fmt;
use std::time::Duration;

#[cfg(feature = "observe")]
use model::site::Caller;

#[cfg(feature = "observe")]
use crate::allowed::Allowed;
#[cfg(feature = "observe")]
use crate::recorder::leaks::{self, Watch};

/// Asserts, when what it returns is dropped, that no thread and no task is left of those started meanwhile, and no guard of
/// those taken.
///
/// The threads that count are those that the current thread has started since, and those that these have started, on and
/// on; threads of tests that run at the same time do not. Put it first in the test, so that it is dropped last:
///
/// ```
/// use unsnarl::thread;
///
/// # // What rustdoc runs is no test of the harness.
/// # fn a_test() {
/// let _none = unsnarl::leak::check_none();
/// let worker = thread::spawn(|| 6 * 7);
/// assert_eq!(worker.join().unwrap(), 42);
/// # }
/// # a_test();
/// ```
///
/// A thread that waits, while no thread that runs could end that, is leaked for certain. Others get a time of grace.
/// Each thread that is left is a finding, `leaked-thread`, with the place that started it and where it waits.
///
/// A guard is left if the thread that is checked has it still, or one of these threads has ended without dropping it: it
/// was forgotten, with [`mem::forget`](std::mem::forget) or in a cycle, and whoever asks for the lock later waits for ever. It
/// is a finding, `leaked-guard`, with the place that locked, unless the lock is gone. What else a test may leave behind is
/// looked at where the check is [`strict`](Check::strict).
///
/// Tasks that are spawned with `unsnarl::tokio` (feature `tokio`) count like threads, as `leaked-task`. In the future that a
/// thread blocks on, as in `#[tokio::test]`, the check is made when that is over, and the runtime gets the time of grace.
///
/// With the feature `check` off, this does nothing.
#[track_caller]
pub fn check_none() -> Check {
    Check {
        #[cfg(feature = "observe")]
        watch: Watch::begin(std::panic::Location::caller()),
    }
}

/// The assertion of [`check_none`], made when this is dropped.
#[must_use = "it checks when it is dropped"]
pub struct Check {
    #[cfg(feature = "observe")]
    watch: Watch,
}

impl Check {
    /// Threads of this name may be left, and what they leave. A `*` at the end stands for any rest: `pool-*`.
    #[cfg_attr(
        not(feature = "observe"),
        expect(unused_mut, unused_variables, reason = "nothing is watched")
    )]
    pub fn ignore_name(mut self, name: &str) -> Self {
        #[cfg(feature = "observe")]
        self.watch.ignore_name(name);
        self
    }

    /// Threads that were started in this file may be left, and guards that were taken there: `src/pool.rs`, as compiler messages name it, or its end.
    #[cfg_attr(
        not(feature = "observe"),
        expect(unused_mut, unused_variables, reason = "nothing is watched")
    )]
    pub fn ignore_started_in(mut self, file: &str) -> Self {
        #[cfg(feature = "observe")]
        self.watch.ignore_started_in(file);
        self
    }

    /// Nothing else may be left either: no end of a channel, no permit of a semaphore, and no guard that can be handed to
    /// another thread, as those of asynchronous locks can, of all that the test and its threads and tasks made or took
    /// meanwhile.
    ///
    /// It is looked at when all these threads and tasks have ended. Nobody can tell what was forgotten from what a static
    /// keeps on purpose, so this is for tests that keep nothing; only what the initialisation of a watched
    /// [`LazyLock`](crate::sync::LazyLock), [`OnceLock`](crate::sync::OnceLock) or [`Once`](crate::sync::Once) makes may stay.
    /// Findings are `leaked-channel`, `leaked-permit` and `leaked-guard`, with the place that made or took it.
    ///
    /// Threads that other code has started meanwhile, in whatever way, and that are left, are a warning: the operating system
    /// has them (Linux only), and does not say whose they are, so that they may also be those of a test that runs at the same
    /// time. `ignore_name` knows them by the first 15 bytes of their names.
    ///
    /// ```
    /// use unsnarl::sync::mpsc;
    ///
    /// # fn a_test() {
    /// let _none = unsnarl::leak::check_none().strict();
    /// let (sender, receiver) = mpsc::channel();
    /// sender.send(1).unwrap();
    /// assert_eq!(receiver.recv(), Ok(1));
    /// # }
    /// # a_test();
    /// ```
    #[cfg_attr(
        not(feature = "observe"),
        expect(unused_mut, reason = "nothing is watched")
    )]
    pub fn strict(mut self) -> Self {
        #[cfg(feature = "observe")]
        self.watch.strict();
        self
    }

    /// How long threads that might still end may take to do so: one second unless said otherwise.
    #[cfg_attr(
        not(feature = "observe"),
        expect(unused_mut, unused_variables, reason = "nothing is watched")
    )]
    pub fn grace(mut self, grace: Duration) -> Self {
        #[cfg(feature = "observe")]
        self.watch.grace(grace);
        self
    }
}

/// Whether the environment asks that tests leave nothing behind.
#[cfg(feature = "observe")]
pub(crate) fn is_asked_for() -> bool {
    leaks::is_asked_for()
}

/// Runs a test of which nothing must be left that is not allowed. One that panics is not looked at.
///
/// # Panics
///
/// If the test does, or something is left.
#[cfg(feature = "observe")]
pub(crate) fn checked<R>(asked: Caller, allowed: &Allowed, test: fn() -> R) -> R {
    let mut watch = Watch::begin(asked).allowing(allowed);
    let result = leaks::asking((asked, allowed), test);
    if let Some(message) = watch.end() {
        panic!("unsnarl: {message}");
    }
    result
}

#[cfg(all(feature = "observe", feature = "tasks"))]
impl Check {
    /// In the future that a thread blocks on, the check is put off until that is over: the runtime gets on only then.
    fn end(&mut self) -> Option<String> {
        match crate::recorder::tasks::current() {
            Some(task) if task.is_root() => {
                task.see_at_end(std::mem::replace(&mut self.watch, Watch::of_nobody()));
                None
            }
            _ => self.watch.end(),
        }
    }
}

#[cfg(feature = "observe")]
impl Drop for Check {
    /// # Panics
    ///
    /// If a thread is left, unless the current thread panics already; then it is only reported.
    fn drop(&mut self) {
        #[cfg(feature = "tasks")]
        let Some(message) = self.end() else { return };
        #[cfg(not(feature = "tasks"))]
        let Some(message) = self.watch.end() else {
            return;
        };
        if !std::thread::panicking() {
            panic!("unsnarl: {message}");
        }
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").finish_non_exhaustive()
    }
}
