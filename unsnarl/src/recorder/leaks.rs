//! What is left when a test is over: threads and tasks, locks that stay held, and what it made and did not drop.
//!
//! # What counts
//!
//! | | whose | when |
//! |---|---|---|
//! | threads, tasks | the descendants of the thread that asks | after a time of grace, or when their wait is for ever |
//! | guards that stay with their thread | its own, and those of descendants that have ended | at once, as nobody else can drop them |
//! | if asked strictly: channels, permits, guards that can be handed on | what these made or took meanwhile | when no descendant lives, after a time of grace |
//!
//! What belongs to a lock that is gone does not count. What a static, or somebody else, may keep on purpose cannot be told
//! from what was forgotten, so it has to be asked for; what the initialisation of a watched once-cell makes does not count
//! even then.

pub(crate) mod belongings;
pub(crate) mod watching;

mod guards;
mod lineage;
mod strangers;

use std::cell::RefCell;
use std::thread;
use std::time::{Duration, Instant};

use lockgraph::held::Held;
use lockgraph::order::Who;
use lockgraph::wait::leak::{Prospect, Survivor};
use lockgraph::wait::remnant::Remnant;
use lockgraph::wait::stranger;
use model::id::ThreadId;
use model::site::Caller;

use self::lineage::{Living, living};
use self::watching::Watching;
use super::findings;
use super::inside::enter;
use super::options::options;
use super::seats::seats;
#[cfg(feature = "explore")]
use super::state::is_controlled;
use super::state::next_thread;
#[cfg(feature = "tasks")]
use super::tasks;
use crate::allowed::Allowed;
#[cfg(feature = "explore")]
use crate::controlled::leaks::Ask;

pub(super) use self::lineage::{ended, ends_here, nobody_lives, starts};

/// How long a wait without helpers is looked at before it is called one for ever.
const TO_BE_SURE: Duration = Duration::from_millis(40);
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);
const GRACE: Duration = Duration::from_secs(1);

/// What a strict check looks at besides.
struct Strict {
    belongings: belongings::Watching,
    threads: strangers::Before,
}

thread_local! {
    /// Where it is asked that nothing is left of the test that the thread runs, and what may be.
    static ASKED: RefCell<Option<(Caller, Allowed)>> = const { RefCell::new(None) };
}

/// Whether the environment asks that tests leave nothing behind.
pub(crate) fn is_asked_for() -> bool {
    options().leaks
}

/// Runs a test of which nothing must be left: nor tasks, where it ends their runtime.
pub(crate) fn asking<R>((asked, allowed): (Caller, &Allowed), test: impl FnOnce() -> R) -> R {
    struct Back(Option<(Caller, Allowed)>);
    impl Drop for Back {
        fn drop(&mut self) {
            let outer = self.0.take();
            let _ = ASKED.try_with(|place| place.replace(outer));
        }
    }
    let outer = ASKED.try_with(|place| place.replace(Some((asked, allowed.clone()))));
    let _back = Back(outer.ok().flatten());
    test()
}

/// The tasks that are to be over when a runtime ends that the current thread makes, if it is asked that nothing is left.
#[cfg(feature = "tasks")]
pub(super) fn of_tasks() -> Option<Watch> {
    let asked = ASKED.try_with(|place| place.borrow().clone());
    let (site, allowed) = asked.ok().flatten()?;
    let mut watch = Watch::begin(site).allowing(&allowed);
    watch.only_tasks = true;
    Some(watch)
}

/// What the current thread starts, takes and makes from here on, and what its descendants do.
pub(crate) struct Watch {
    /// `None` if the thread does not record.
    parent: Option<ThreadId>,
    /// Threads of lower numbers were there before.
    first: ThreadId,
    /// What the thread held before.
    held: Vec<Held>,
    _watching: Option<Watching>,
    /// Whether what could be kept somewhere on purpose counts too.
    strict: Option<Strict>,
    site: Caller,
    allowed: Allowed,
    /// Whether nothing but tasks counts.
    only_tasks: bool,
    grace: Duration,
    /// What is asked of an explored run.
    #[cfg(feature = "explore")]
    ask: Option<Ask>,
}

impl Watch {
    pub(crate) fn begin(site: Caller) -> Self {
        Self {
            parent: enter().map(|inside| inside.identity().id),
            first: next_thread(),
            held: guards::held(),
            _watching: Some(Watching::begin()),
            strict: None,
            site,
            allowed: Allowed::default(),
            only_tasks: false,
            grace: GRACE,
            #[cfg(feature = "explore")]
            ask: is_controlled().then(|| Ask::begin(site)),
        }
    }

    /// One that is over.
    #[cfg(feature = "tasks")]
    pub(crate) fn of_nobody() -> Self {
        Self {
            parent: None,
            first: ThreadId::default(),
            held: Vec::new(),
            _watching: None,
            strict: None,
            site: std::panic::Location::caller(),
            allowed: Allowed::default(),
            only_tasks: false,
            grace: Duration::ZERO,
            #[cfg(feature = "explore")]
            ask: None,
        }
    }

    /// With this that may be left.
    pub(crate) fn allowing(mut self, allowed: &Allowed) -> Self {
        self.allowed = allowed.clone();
        self
    }

    pub(crate) fn ignore_name(&mut self, name: &str) {
        self.allowed.name(name);
    }

    pub(crate) fn ignore_started_in(&mut self, file: &str) {
        self.allowed.file(file);
    }

    pub(crate) fn strict(&mut self) {
        self.strict.get_or_insert_with(|| Strict {
            belongings: belongings::Watching::begin(),
            threads: strangers::Before::now(),
        });
    }

    pub(crate) fn grace(&mut self, grace: Duration) {
        self.grace = grace;
    }

    /// Waits for the threads to end, and records what is left. Returns what is to be said of it. In an explored run, it is
    /// looked at when that is over.
    pub(crate) fn end(&mut self) -> Option<String> {
        #[cfg(feature = "explore")]
        if let Some(ask) = self.ask.take() {
            if is_controlled() && !thread::panicking() {
                ask.end(std::mem::take(&mut self.allowed));
            }
            return None;
        }
        self.end_with(&|| ())
    }

    /// The same, with something to do again and again while it waits.
    pub(crate) fn end_with(&self, between: &dyn Fn()) -> Option<String> {
        let parent = self.parent?;
        let survivors = self.left_after_grace(parent, between);
        let leak = |(survivor, prospect): &(Survivor, Prospect)| {
            seats().graph.leak(survivor, *prospect, self.site)
        };
        let mut found: Vec<_> = survivors.iter().map(leak).collect();
        let mut remnants = Vec::new();
        if !self.only_tasks {
            remnants.extend(guards::held_since(&self.held));
            remnants.extend(self.remnants_after_grace(parent, between));
        }
        let is_told = |remnant: &&Remnant| !self.ignores(&remnant.who.thread, remnant.site);
        let remnants = remnants.iter().filter(is_told);
        found.extend(remnants.map(|remnant| remnant.finding(self.site)));
        let messages: Vec<_> = found.into_iter().map(findings::record_hang).collect();
        self.tell_of_strangers(between);
        match messages.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            [first, rest @ ..] => Some(format!("{first}; and {} more", rest.len())),
        }
    }

    fn left_after_grace(&self, parent: ThreadId, between: &dyn Fn()) -> Vec<(Survivor, Prospect)> {
        let start = Instant::now();
        let mut still_since = Instant::now();
        let mut last: Vec<(ThreadId, u64)> = Vec::new();
        loop {
            let left = self.left(parent);
            // Whoever moved in the meantime is looked at anew.
            let turns = turns(&left);
            if turns != last {
                (last, still_since) = (turns, Instant::now());
            }
            let all_wait_for_ever = left
                .iter()
                .all(|(_, prospect)| *prospect == Prospect::WaitsForEver);
            let is_sure = all_wait_for_ever && still_since.elapsed() >= TO_BE_SURE;
            if left.is_empty() || is_sure || start.elapsed() >= self.grace.max(TO_BE_SURE) {
                return left;
            }
            between();
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    /// Threads of others are a warning: whose they are, nobody knows.
    fn tell_of_strangers(&self, between: &dyn Fn()) {
        let Some(strict) = &self.strict else { return };
        let start = Instant::now();
        loop {
            let mut left = strict.threads.strangers();
            left.retain(|stranger| !self.ignores(&stranger.name, self.site));
            if left.is_empty() {
                return;
            }
            if start.elapsed() >= self.grace {
                let test = enter().map(|inside| inside.identity().who.clone());
                let test = test.as_ref().and_then(Who::test_name);
                findings::record_hang(stranger::finding(&left, self.site, test));
                return;
            }
            between();
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    /// What is left of what others can still drop, or are about to.
    fn remnants_after_grace(&self, parent: ThreadId, between: &dyn Fn()) -> Vec<Remnant> {
        let start = Instant::now();
        loop {
            let (mut left, are_some_ending) = guards::of_ended(parent, self.first);
            if let Some(strict) = &self.strict
                && !lineage::has_living_descendants(parent)
            {
                left.extend(strict.belongings.left(parent));
            }
            let may_change = are_some_ending || !left.is_empty();
            if !may_change || start.elapsed() >= self.grace {
                return left;
            }
            between();
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    /// The threads that are left now, in the order in which they were started.
    fn left(&self, parent: ThreadId) -> Vec<(Survivor, Prospect)> {
        let living = living();
        let is_left = |&(thread, living): &(&ThreadId, &Living)| {
            *thread >= self.first
                && living.line.descends_from(parent)
                && (living.who.is_task || !self.only_tasks)
                && !self.ignores(&living.who.thread, living.started)
        };
        let mut left: Vec<Survivor> = living.iter().filter(is_left).map(survivor).collect();
        drop(living);
        left.sort_by_key(|survivor| survivor.thread);
        let graph = &seats().graph;
        let prospect = |survivor: &Survivor| graph.prospect(survivor.thread, Some(parent));
        left.into_iter()
            .map(|survivor| {
                let prospect = prospect(&survivor);
                #[cfg(feature = "tasks")]
                let survivor = Survivor {
                    permits: graph
                        .targets(survivor.thread)
                        .into_iter()
                        .flat_map(tasks::permits::missing)
                        .collect(),
                    ..survivor
                };
                (survivor, prospect)
            })
            .collect()
    }

    fn ignores(&self, thread: &str, site: Caller) -> bool {
        self.allowed.includes(thread, site.file())
    }
}

fn survivor((&thread, living): (&ThreadId, &Living)) -> Survivor {
    Survivor {
        thread,
        who: living.who.clone(),
        started: living.started,
        #[cfg(feature = "tasks")]
        suspended: tasks::suspended_at(thread),
        #[cfg(not(feature = "tasks"))]
        suspended: None,
        permits: Vec::new(),
    }
}

/// The how-manieth wait of each thread this is.
fn turns(left: &[(Survivor, Prospect)]) -> Vec<(ThreadId, u64)> {
    let seats = seats();
    left.iter()
        .map(|(survivor, _)| (survivor.thread, seats.graph.turn(survivor.thread)))
        .collect()
}
