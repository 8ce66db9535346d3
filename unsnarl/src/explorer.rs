//! Runs a test under many schedules.

use std::panic::Location;
use std::time::Duration;

use crate::allowed::Allowed;
use crate::exploration::Exploration;

/// Explores the interleavings of a program: how many, which, and for how long.
///
/// ```
/// use std::sync::Arc;
///
/// use unsnarl::Explorer;
/// use unsnarl::sync::Mutex;
/// use unsnarl::thread;
///
/// let exploration = Explorer::new().schedules(100).seed(7).run(|| {
///     let account = Arc::new(Mutex::new(100));
///     let other = Arc::clone(&account);
///     let deposit = thread::spawn(move || *other.lock().unwrap() += 20);
///     *account.lock().unwrap() -= 10;
///     deposit.join().unwrap();
///     assert_eq!(*account.lock().unwrap(), 110);
/// });
/// assert!(exploration.findings().is_empty());
/// ```
///
/// The program must do the same whenever it gets the same schedule. It runs on one thread of the operating system;
/// `unsnarl::thread` and `unsnarl::sync` are what the schedule decides about, time is virtual, and what waits otherwise
/// (for a file, a socket, a thread that was not started through `unsnarl`) holds everything up.
///
/// Atomics are weak memory in an explored run: a load may show an older value where the orderings let it
/// ([`weak_memory`](Self::weak_memory)). What the standard library's
/// documentation warns of happens now and then, and is tried out where all interleavings are: a wait of a condition variable
/// or a park that is over for no reason ([`spurious`](Self::spurious)), a weak compare-exchange that fails for none
/// ([`weak_failures`](Self::weak_failures)).
///
/// What the program keeps in `static`s stays from one execution to the next, but for locks and threads that an execution
/// has left: make anew in the closure what it is about. (Plain tests that `cargo unsnarl explore` runs begin with their
/// statics as they were.)
///
/// Without the feature `check` or `explore`, the program runs once and nothing is found.
#[derive(Clone, Debug)]
#[must_use = "an explorer does nothing until it runs a program"]
pub struct Explorer {
    pub(crate) schedules: usize,
    pub(crate) seed: u64,
    pub(crate) time: Option<Duration>,
    pub(crate) strategy: String,
    pub(crate) max_steps: usize,
    pub(crate) shard: (u64, u64),
    pub(crate) jobs: usize,
    pub(crate) keep_going: bool,
    pub(crate) stack_size: usize,
    pub(crate) replay: Option<String>,
    pub(crate) keeps_regressions: bool,
    pub(crate) spurious: bool,
    pub(crate) weak_failures: bool,
    pub(crate) early_timeouts: bool,
    pub(crate) failing_tries: bool,
    pub(crate) weak_memory: bool,
    /// Where it is asked that nothing is left.
    pub(crate) leaks: Option<&'static Location<'static>>,
    pub(crate) allowed: Allowed,
}

/// How many schedules there are at most, if nobody says.
#[cfg(not(all(feature = "loom", not(feature = "observe"))))]
const SCHEDULES: usize = 1_000;
/// Loom goes on until it has seen all.
#[cfg(all(feature = "loom", not(feature = "observe")))]
const SCHEDULES: usize = usize::MAX;

impl Default for Explorer {
    fn default() -> Self {
        Self {
            schedules: SCHEDULES,
            seed: 0,
            time: None,
            strategy: "portfolio".to_owned(),
            max_steps: 20_000,
            shard: (0, 1),
            jobs: 1,
            keep_going: false,
            stack_size: 1 << 20,
            replay: None,
            keeps_regressions: false,
            spurious: true,
            weak_failures: true,
            early_timeouts: false,
            failing_tries: false,
            weak_memory: true,
            leaks: None,
            allowed: Allowed::default(),
        }
    }
}

impl Explorer {
    /// An explorer that tries 1 000 schedules of the default strategy.
    pub fn new() -> Self {
        Self::default()
    }

    /// At most so many schedules.
    pub fn schedules(mut self, schedules: usize) -> Self {
        self.schedules = schedules;
        self
    }

    /// What random choices are made from: the same seed makes the same schedules.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// At most so long; the schedule that runs then is completed.
    pub fn time(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// Which schedules: `portfolio` (the default), `random`, `pct`, `pos`, `surw`, `urw`, `kinds`, `rff`, `round-robin`, `dfs`, `dpor`.
    pub fn strategy(mut self, name: &str) -> Self {
        name.clone_into(&mut self.strategy);
        self
    }

    /// After so many steps of an execution, everybody gets their turn, and after twice as many it is cut: a livelock if
    /// nobody got anywhere meanwhile.
    pub fn max_steps(mut self, steps: usize) -> Self {
        self.max_steps = steps;
        self
    }

    /// Only every `of`th schedule, from the `part`th on (counted from 0), so that machines can share the work.
    pub fn shard(mut self, part: u64, of: u64) -> Self {
        self.shard = (part, of.max(1));
        self
    }

    /// So many workers, each with its share of the schedules on a thread of its own. The same seed and the same number of
    /// workers find the same. Strategies that do not draw from a seed (`dfs`, `dpor`, `round-robin`) have one.
    ///
    /// The workers share what is outside the program, statics among it.
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs.max(1);
        self
    }

    /// Whether to go on after a finding, to find others.
    pub fn keep_going(mut self, keep_going: bool) -> Self {
        self.keep_going = keep_going;
        self
    }

    /// How many bytes of stack each thread of the program has: 1 MiB if not said otherwise.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = bytes;
        self
    }

    /// Whether condition variables and parked threads may wake though nobody woke them, as the standard library's
    /// documentation says they may: on if not said otherwise. Each thread does so at most once in an execution.
    pub fn spurious(mut self, may_wake: bool) -> Self {
        self.spurious = may_wake;
        self
    }

    /// Whether a weak compare-exchange may fail though the value is right, as its documentation says: on if not said
    /// otherwise. In each thread this happens at most once in an execution.
    pub fn weak_failures(mut self, may_fail: bool) -> Self {
        self.weak_failures = may_fail;
        self
    }

    /// Whether the time of a sleep or of a wait with a timeout may be over while other threads could go on, as if those were
    /// slow: off if not said otherwise, since tests take for granted that an hour is enough. Time passes only when nobody can
    /// go on then. In each thread this happens at most once in an execution; the clock is put forward.
    pub fn early_timeouts(mut self, may_come: bool) -> Self {
        self.early_timeouts = may_come;
        self
    }

    /// Whether `try_lock`, `try_read` and `try_write` may fail though the lock is free: off if not said otherwise, since
    /// the standard library's never do. In each thread this happens at most once in an execution.
    pub fn failing_tries(mut self, may_fail: bool) -> Self {
        self.failing_tries = may_fail;
        self
    }

    /// Whether a load may show an older value of an atomic than the latest, as far as the orderings of the program let it:
    /// on if not said otherwise.
    ///
    /// The rules are those of C++20, which Rust has taken over. Not followed is what would need a value before it is
    /// stored, or stores and `SeqCst` operations in another order than they were carried out; a thread reads an old value
    /// at most once, so that loops end, and none from before a store of the value that the atomic began with, since its
    /// memory may have been another atomic's.
    pub fn weak_memory(mut self, is_weak: bool) -> Self {
        self.weak_memory = is_weak;
        self
    }

    /// Whether a thread that is left at the end, or a guard that its thread never drops, is a finding, as for
    /// [`leak::check_none`](crate::leak::check_none): off if not said otherwise, and on in `#[unsnarl::test]`.
    ///
    /// A test that panics is not looked at.
    #[track_caller]
    pub fn leaks(mut self, are_found: bool) -> Self {
        self.leaks = are_found.then(Location::caller);
        self
    }

    /// Threads of this name may be left, and what they leave. A `*` at the end stands for any rest: `pool-*`.
    pub fn ignore_leaks_of(mut self, name: &str) -> Self {
        self.allowed.name(name);
        self
    }

    /// Threads that were started in this file may be left, and guards that were taken there: `src/pool.rs`, as compiler
    /// messages name it, or its end.
    pub fn ignore_leaks_from(mut self, file: &str) -> Self {
        self.allowed.file(file);
        self
    }

    /// Follows a replay token instead of a strategy.
    pub fn replay(mut self, token: &str) -> Self {
        self.replay = Some(token.to_owned());
        self
    }

    /// Explores a program. It never panics because of what it finds.
    ///
    /// # Panics
    ///
    /// If there is no such strategy, or the replay token cannot be read.
    pub fn run<F>(&self, program: F) -> Exploration
    where
        F: Fn() + Send + Sync,
    {
        #[cfg(feature = "explore")]
        return crate::controlled::campaign::run(self, &program);
        #[cfg(all(feature = "loom", not(feature = "observe")))]
        return crate::modelled::run::run(self, &program);
        #[cfg(not(any(feature = "explore", all(feature = "loom", not(feature = "observe")))))]
        {
            let start = std::time::Instant::now();
            program();
            Exploration::of_one_run(start.elapsed())
        }
    }
}

/// Explores a program as the environment says, and fails if something was found.
///
/// | variable | meaning |
/// |---|---|
/// | `UNSNARL_SCHEDULES` | at most so many schedules |
/// | `UNSNARL_SEED` | what random choices are made from |
/// | `UNSNARL_STRATEGY` | which schedules, see [`Explorer::strategy`] |
/// | `UNSNARL_TIME` | at most so many seconds |
/// | `UNSNARL_JOBS` | so many workers |
/// | `UNSNARL_REPLAY` | follow this token instead |
/// | `UNSNARL_SHARD` | `k/n`: only this part of the schedules, see [`Explorer::shard`] |
/// | `UNSNARL_KEEP_GOING` | `on`, `off`: see [`Explorer::keep_going`] |
/// | `UNSNARL_MAX_STEPS` | how long an execution may be, see [`Explorer::max_steps`] |
/// | `UNSNARL_STACK_SIZE` | bytes of stack of each thread |
/// | `UNSNARL_SPURIOUS`, `UNSNARL_WEAK_FAILURES`, `UNSNARL_EARLY_TIMEOUTS`, `UNSNARL_FAILING_TRIES`, `UNSNARL_WEAK_MEMORY` | `on`, `off`: what can happen in an execution, see the methods of [`Explorer`] |
/// | `UNSNARL_PATIENCE` | after so many seconds without any operation, the process ends: 60 if not said otherwise |
///
/// The schedules that failed are kept in `unsnarl-regressions/` in the folder of the package, and tried first the next
/// time.
///
/// Without the feature `check` or `explore`, the program runs once.
///
/// # Panics
///
/// If something is wrong with the program; the message shows what, and how to see it again.
pub fn check<F>(program: F)
where
    F: Fn() + Send + Sync,
{
    Explorer::new().check(program);
}

impl Explorer {
    /// Like [`check`](crate::check), with these settings where the environment does not say otherwise.
    ///
    /// # Panics
    ///
    /// As [`check`](crate::check).
    pub fn check<F>(mut self, program: F)
    where
        F: Fn() + Send + Sync,
    {
        self.keeps_regressions = true;
        #[cfg(any(feature = "explore", all(feature = "loom", not(feature = "observe"))))]
        self.read_environment();
        let exploration = self.run(program);
        #[cfg(feature = "explore")]
        crate::controlled::campaign::report(&exploration);
        #[cfg(all(feature = "loom", not(feature = "observe")))]
        crate::modelled::report::report(&exploration);
        let _ = exploration;
    }
}
