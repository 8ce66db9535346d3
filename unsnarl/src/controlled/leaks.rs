//! What an execution leaves behind, where somebody asks that it be nothing.
//!
//! Nothing is looked at before the execution is over: a thread that is left then, waits for ever, and a guard that its
//! thread has not dropped by then never will be, since thread-locals are destroyed already.

use explore::op::Tid;
use explore::world::Thread;
use lockgraph::held::Held;
use lockgraph::wait::leak::{Prospect, Survivor};
use lockgraph::wait::remnant::{Remnant, What};
use model::finding::Finding;
use model::id::LockId;
use model::site::Caller;

use super::current::with;
use super::execution::{Execution, thread_id};
use crate::allowed::Allowed;
use crate::recorder::leaks::watching::{self, Watching};

/// Somebody asks that nothing is left of what happens from here on.
pub(crate) struct Ask {
    by: Tid,
    /// Threads before the first were there already, and those from the last on came later.
    first: u32,
    last: u32,
    /// What the thread held before.
    held: Vec<LockId>,
    /// What was held at the end, by threads that will not give it back if they have not done so when all is over.
    kept: Vec<(Tid, LockId)>,
    site: Caller,
    allowed: Allowed,
    _watching: Watching,
}

impl Ask {
    /// Of all that an execution does.
    pub(super) fn of_all((site, allowed): &(Caller, Allowed)) -> Self {
        Self {
            by: Tid::MAIN,
            first: 0,
            last: u32::MAX,
            held: Vec::new(),
            kept: Vec::new(),
            site,
            allowed: allowed.clone(),
            _watching: Watching::begin(),
        }
    }

    /// Of what the running thread does from here on, and those that it starts.
    pub(crate) fn begin(site: Caller) -> Self {
        let (by, first, held) = with(|execution| {
            let (by, first) = (execution.current, execution.count());
            let held = execution.running().held.held().iter();
            (by, first, held.map(|held| held.lock).collect())
        });
        Self {
            by,
            first,
            last: u32::MAX,
            held,
            kept: Vec::new(),
            site,
            allowed: Allowed::default(),
            _watching: Watching::begin(),
        }
    }

    /// It is looked at when the execution is over, but nothing from here on counts: a lock that is there now may be gone by
    /// then.
    pub(crate) fn end(mut self, allowed: Allowed) {
        self.allowed = allowed;
        with(|execution| {
            self.last = execution.count();
            self.kept = execution.held_now(&self);
            execution.asks.push(self);
        });
    }

    fn allows(&self, thread: &str, site: Caller) -> bool {
        self.allowed.includes(thread, site.file())
    }
}

impl Execution {
    fn count(&self) -> u32 {
        u32::try_from(self.threads.len()).unwrap_or(u32::MAX)
    }

    /// What is left, as far as somebody asked.
    pub(super) fn leaks(&self) -> Vec<Finding> {
        self.asks.iter().flat_map(|ask| self.left_of(ask)).collect()
    }

    /// What is held now by the thread that asks, and by those of its that have ended.
    fn held_now(&self, ask: &Ask) -> Vec<(Tid, LockId)> {
        let threads = (0..).map(Tid).zip(self.run.world.threads());
        let is_done = |(tid, thread): &(Tid, &Thread)| {
            *tid == ask.by || thread.is_over && self.counts(ask, *tid)
        };
        let held = threads.filter(is_done).flat_map(|(tid, _)| {
            let held = self.threads[tid.index()].held.held().iter();
            held.map(move |held| (tid, held.lock))
        });
        held.filter(|&(_, lock)| watching::is_there(lock)).collect()
    }

    fn left_of(&self, ask: &Ask) -> Vec<Finding> {
        let threads = (0..).map(Tid).zip(self.run.world.threads());
        let counts = |tid: Tid| tid == ask.by || self.counts(ask, tid);
        let (over, left): (Vec<_>, Vec<_>) = threads
            .filter(|&(tid, _)| counts(tid))
            .partition(|(_, thread)| thread.is_over);
        let left = left.into_iter().map(|(tid, _)| tid);
        let survivors = left.filter(|&tid| tid != ask.by);
        let survivors = survivors.filter_map(|tid| self.survivor(ask, tid));
        let guards = over.into_iter().flat_map(|(tid, _)| self.guards(ask, tid));
        survivors.chain(guards).collect()
    }

    /// Whether a thread was started meanwhile by the one that asks, or by one of those.
    fn counts(&self, ask: &Ask, tid: Tid) -> bool {
        let parents = std::iter::successors(Some(tid), |&tid| self.run.world.thread(tid).parent);
        let mut ancestors = parents.skip(1);
        (ask.first..ask.last).contains(&tid.0) && ancestors.any(|ancestor| ancestor == ask.by)
    }

    fn survivor(&self, ask: &Ask, tid: Tid) -> Option<Finding> {
        let thread = &self.threads[tid.index()];
        let started = thread.started?;
        let survivor = Survivor {
            thread: thread_id(tid),
            who: thread.who.clone(),
            started,
            suspended: None,
            permits: Vec::new(),
        };
        let (graph, _) = self.waits();
        let is_told = !ask.allows(&thread.who.thread, started);
        is_told.then(|| graph.leak(&survivor, Prospect::WaitsForEver, ask.site))
    }

    fn guards(&self, ask: &Ask, tid: Tid) -> Vec<Finding> {
        let who = &self.threads[tid.index()].who;
        let is_left = |held: &&Held| {
            let was_before = tid == ask.by && ask.held.contains(&held.lock);
            let is_allowed = ask.allows(&who.thread, held.site);
            let keeps = watching::is_there(held.lock) || ask.kept.contains(&(tid, held.lock));
            keeps && !was_before && !is_allowed
        };
        let finding = |held: &Held| {
            let remnant = Remnant {
                who: who.clone(),
                what: What::Guard(held.mode),
                kind: held.kind,
                origin: held.origin,
                site: held.site,
            };
            remnant.finding(ask.site)
        };
        let held = self.threads[tid.index()].held.held().iter();
        held.filter(is_left).map(finding).collect()
    }
}
