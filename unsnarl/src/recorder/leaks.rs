//! Which threads live, who started them and where; and who of them is left when a test is over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use lockgraph::order::Who;
use lockgraph::wait::leak::{Prospect, Survivor};
use model::id::ThreadId;
use model::site::Caller;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::findings;
use super::inside::enter;
use super::seats::seats;
use super::state::next_thread;
#[cfg(feature = "tokio")]
use super::tasks;

/// The threads that were started by watched ones, and whose code has not ended.
static LIVING: Mutex<FxHashMap<ThreadId, Living>> =
    Mutex::new(FxHashMap::with_hasher(FxBuildHasher));

/// A thread that lives.
#[derive(Clone)]
struct Living {
    who: Who,
    started: Caller,
    line: Arc<Line>,
}

/// A thread and those it descends from.
struct Line {
    thread: ThreadId,
    parent: Option<Arc<Self>>,
}

fn living() -> MutexGuard<'static, FxHashMap<ThreadId, Living>> {
    LIVING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread is about to be started by another one.
pub(super) fn starts(thread: ThreadId, parent: ThreadId, who: Who, started: Caller) {
    let mut living = living();
    let parent = match living.get(&parent) {
        Some(known) => Arc::clone(&known.line),
        None => Arc::new(Line {
            thread: parent,
            parent: None,
        }),
    };
    let line = Arc::new(Line {
        thread,
        parent: Some(parent),
    });
    living.insert(thread, Living { who, started, line });
}

/// A thread's code has ended, or it could not be started.
pub(super) fn ended(thread: ThreadId) {
    let ended = living().remove(&thread);
    drop(ended);
}

/// Whether every thread has ended that was started by a watched one.
pub(super) fn nobody_lives() -> bool {
    living().is_empty()
}

impl Line {
    fn descends_from(&self, ancestor: ThreadId) -> bool {
        let mut line = Some(self);
        while let Some(one) = line {
            if one.thread == ancestor {
                return true;
            }
            line = one.parent.as_deref();
        }
        false
    }
}

/// How long a wait without helpers is looked at before it is called one for ever.
const TO_BE_SURE: Duration = Duration::from_millis(40);
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);
const GRACE: Duration = Duration::from_secs(1);

/// The threads that the current one starts from here on, and their descendants.
pub(crate) struct Watch {
    /// `None` if the thread does not record.
    parent: Option<ThreadId>,
    /// Threads of lower numbers were there before.
    first: ThreadId,
    site: Caller,
    names: Vec<String>,
    files: Vec<String>,
    grace: Duration,
}

impl Watch {
    pub(crate) fn begin(site: Caller) -> Self {
        Self {
            parent: enter().map(|inside| inside.identity().id),
            first: next_thread(),
            site,
            names: Vec::new(),
            files: Vec::new(),
            grace: GRACE,
        }
    }

    /// One that is over.
    #[cfg(feature = "tokio")]
    pub(crate) fn of_nobody() -> Self {
        Self {
            parent: None,
            first: ThreadId::default(),
            site: std::panic::Location::caller(),
            names: Vec::new(),
            files: Vec::new(),
            grace: Duration::ZERO,
        }
    }

    pub(crate) fn ignore_name(&mut self, name: &str) {
        self.names.push(name.to_owned());
    }

    pub(crate) fn ignore_started_in(&mut self, file: &str) {
        self.files.push(file.to_owned());
    }

    pub(crate) fn grace(&mut self, grace: Duration) {
        self.grace = grace;
    }

    /// Waits for the threads to end, and records those that are left. Returns what is to be said of them.
    pub(crate) fn end(&self) -> Option<String> {
        self.end_with(&|| ())
    }

    /// The same, with something to do again and again while it waits.
    pub(crate) fn end_with(&self, between: &dyn Fn()) -> Option<String> {
        let parent = self.parent?;
        let left = self.left_after_grace(parent, between);
        let mut messages = Vec::new();
        for (survivor, prospect) in &left {
            let finding = seats().graph.leak(survivor, *prospect, self.site);
            messages.push(findings::record_hang(finding));
        }
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

    /// The threads that are left now, in the order in which they were started.
    fn left(&self, parent: ThreadId) -> Vec<(Survivor, Prospect)> {
        let living = living();
        let is_left = |&(thread, living): &(&ThreadId, &Living)| {
            *thread >= self.first && living.line.descends_from(parent) && !self.ignores(living)
        };
        let mut left: Vec<Survivor> = living.iter().filter(is_left).map(survivor).collect();
        drop(living);
        left.sort_by_key(|survivor| survivor.thread);
        let graph = &seats().graph;
        let prospect = |survivor: &Survivor| graph.prospect(survivor.thread, Some(parent));
        left.into_iter()
            .map(|survivor| {
                let prospect = prospect(&survivor);
                #[cfg(feature = "tokio")]
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

    fn ignores(&self, living: &Living) -> bool {
        let is_named = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => living.who.thread.starts_with(start),
            None => *living.who.thread == **pattern,
        };
        let file = living.started.file();
        self.names.iter().any(is_named) || self.files.iter().any(|end| file.ends_with(end.as_str()))
    }
}

fn survivor((&thread, living): (&ThreadId, &Living)) -> Survivor {
    Survivor {
        thread,
        who: living.who.clone(),
        started: living.started,
        #[cfg(feature = "tokio")]
        suspended: tasks::suspended_at(thread),
        #[cfg(not(feature = "tokio"))]
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
