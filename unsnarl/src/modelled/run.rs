//! Runs a program under loom.

use std::any::Any;
use std::cell::RefCell;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::Termination;
use std::time::{Duration, Instant};

use loom::model::Builder;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::Subscriber;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::panics::{self, Seen};
use super::report;
use super::verdict::{self, Verdict};
use crate::exploration::{Exploration, Shown};
use crate::explorer::Explorer;
use crate::session::{Passes, succeed};

/// Explores a program: all its executions, unless the explorer or loom's own variables set a limit.
pub(crate) fn run<F>(explorer: &Explorer, program: &F) -> Exploration
where
    F: Fn() + Send + Sync,
{
    explore(explorer, &test_name(), program)
}

/// Explores a test that was written for it, and returns what it returns.
///
/// # Panics
///
/// If something was found, or the test cannot be explored; and if it passes by panicking.
pub(crate) fn test<R>(mut explorer: Explorer, passes: Passes, test: fn() -> R) -> Option<R>
where
    R: Termination + 'static,
{
    if panics::is_on() {
        return None;
    }
    explorer.read_environment();
    report::report(&run(&explorer, &|| run_once(passes, test)));
    passes.result().or_else(|| Some(again(test)))
}

/// The test, as a program that panics if the test fails.
fn run_once<R: Termination>(passes: Passes, test: fn() -> R) {
    match passes {
        Passes::ByReturning => succeed(test),
        Passes::ByPanicking => match catch_unwind(AssertUnwindSafe(test)) {
            Ok(_) => panic!("the test has to panic, and did not"),
            Err(payload) if panics::is_given_up() => resume_unwind(payload),
            Err(_) => {}
        },
    }
}

/// What a test comes to, whose executions all pass: what one of them returns.
///
/// # Panics
///
/// As that one does.
fn again<R>(test: fn() -> R) -> R {
    let kept = Kept(RefCell::new(None));
    run(&Explorer::new().schedules(0), &|| kept.keep(test));
    let result = kept.0.into_inner();
    result
        .expect("there is an execution")
        .unwrap_or_else(|payload| resume_unwind(payload))
}

/// What an execution came to.
struct Kept<R>(RefCell<Option<Result<R, Box<dyn Any + Send>>>>);

// SAFETY: all executions run on the thread that asked for them.
unsafe impl<R> Sync for Kept<R> {}
// SAFETY: as above.
unsafe impl<R> Send for Kept<R> {}

impl<R> Kept<R> {
    fn keep(&self, test: fn() -> R) {
        let result = catch_unwind(AssertUnwindSafe(test));
        *self.0.borrow_mut() = Some(result);
    }
}

/// The harness names the thread after the test.
fn test_name() -> String {
    std::thread::current().name().unwrap_or("main").to_owned()
}

/// What unwinds an execution because another one has shown something.
struct Unheard;

fn explore(explorer: &Explorer, test: &str, program: &(dyn Fn() + Send + Sync)) -> Exploration {
    let mut exploration = Exploration::of_model(test);
    if panics::is_on() {
        // A model in a model is a part of it.
        program();
        exploration.schedules = 1;
        return exploration;
    }
    let limits = Limits::of(explorer);
    // SAFETY: loom wants to keep the program as long as it likes, and calls it in `check` only, which is over when this
    // returns; a coroutine that is left then is never resumed. It keeps a reference, whose end is nothing to anybody.
    let program: &'static (dyn Fn() + Send + Sync) = unsafe { std::mem::transmute(program) };
    let body = move || {
        if panics::with(Seen::begin) {
            resume_unwind(Box::new(Unheard));
        }
        program();
    };
    let _log = log();
    let start = Instant::now();
    let check = || catch_unwind(AssertUnwindSafe(|| limits.builder().check(body)));
    let (result, seen) = panics::watch(test.to_owned(), check);
    exploration.wall = start.elapsed();
    exploration.schedules = seen.executions;
    exploration.distinct = seen.executions;
    match end(&seen, result) {
        None => limits.judge(&mut exploration),
        Some(Verdict::Found(finding)) => {
            exploration.first_finding_at = Some(seen.executions);
            let shown = Shown::of(&finding);
            exploration.add(*finding, shown);
        }
        Some(Verdict::Obstacle(obstacle)) => exploration.obstacle = Some(obstacle),
    }
    exploration
}

/// What an end means; nothing if all went well.
fn end(seen: &Seen, result: Result<(), Box<dyn Any + Send>>) -> Option<Verdict> {
    match result {
        Err(payload) if !payload.is::<Unheard>() => Some(verdict::of_panic(seen, &*payload)),
        _ => seen
            .unheard()
            .map(|panicked| verdict::of(seen, Some(panicked))),
    }
}

/// How far an exploration goes.
struct Limits {
    /// How many executions there may be.
    executions: usize,
    time: Option<Duration>,
    /// How many preemptions each may have.
    preemptions: Option<usize>,
}

impl Limits {
    /// The narrower of what the explorer and loom's own variables say.
    fn of(explorer: &Explorer) -> Self {
        let theirs = Builder::new();
        let times = [theirs.max_duration, explorer.time];
        Self {
            executions: explorer
                .schedules
                .min(theirs.max_permutations.unwrap_or(usize::MAX)),
            time: times.into_iter().flatten().min(),
            preemptions: theirs.preemption_bound,
        }
    }

    fn builder(&self) -> Builder {
        let mut builder = Builder::new();
        builder.location = true;
        builder.max_duration = self.time;
        if self.executions < usize::MAX - 2 {
            // One more than that shows whether there is more. Loom looks at it before each, and counts from 1.
            builder.max_permutations = Some(self.executions + 2);
        }
        if builder.checkpoint_file.is_none() {
            // Only then does it look at its limits.
            builder.checkpoint_interval = 1;
        }
        builder
    }

    /// An exploration without a finding has seen everything, unless one of them was in the way.
    fn judge(&self, exploration: &mut Exploration) {
        let Exploration {
            schedules, wall, ..
        } = *exploration;
        if schedules > self.executions {
            (exploration.schedules, exploration.distinct) = (self.executions, self.executions);
        } else if self.preemptions.is_none() && self.time.is_none_or(|time| wall < time) {
            exploration.exhausted = true;
            exploration.estimate = 0.0;
        }
    }
}

/// Loom's log, if somebody wants it: `LOOM_LOG`. Nobody listening is faster.
fn log() -> Option<impl Sized> {
    let filter = env::var("LOOM_LOG").ok()?;
    let log = Subscriber::builder()
        .with_env_filter(EnvFilter::new(filter))
        .with_test_writer()
        .without_time();
    Some(log.finish().set_default())
}
