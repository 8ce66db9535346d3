//! The hang detector: who waits for whom, and whether anybody can still end a wait.
//!
//! ```text
//! main:   recv ─────────────── waits for any thread
//! worker:        wait for lock ─ waits for its holder, main
//! ```
//!
//! **Follows** the wait-for graphs of Holt (1972), with both kinds of waits: for *all* of some threads (the holders of
//! a lock, a thread to join) and for *any* thread (a message, a notification). The threads that can never go on are
//! the greatest set in which every wait depends on the set alone; it is found by taking out, until nothing changes,
//! every thread that something outside the set could free.
//!
//! **Finds** every knot of waits without timeout over locks, once-cells, joins, scopes, channels, condition variables,
//! barriers and parks, when its last wait begins or its last helper ends.
//!
//! **Misses** a wait for a message, notification or the like while *any* watched thread still runs, since a handle may
//! have travelled anywhere; waits with a timeout; waits in code that is not watched; busy loops.
//!
//! **False alarms**: a knot of lock and join waits is certain, because only its own threads can end it. Any other knot
//! is a *suspicion* ([`Knot::is_certain`]), to be confirmed by whoever can look at the operating system: a thread that
//! was woken but has not run yet still counts as waiting here.

mod describe;

use std::sync::Arc;

use model::event::Mode;
use model::id::{LockId, ThreadId};
use model::kind::Kind;
use model::site::{Caller, Origin};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::held::Held;
use crate::order::Who;

/// What ends a wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// Every holder of the lock that stands in the way lets it go.
    Lock(Mode),
    /// This thread ends.
    End(ThreadId),
    /// All of these threads end.
    Ends(Vec<ThreadId>),
    /// Any thread does this.
    Anyone(Deed),
}

impl Need {
    /// Whether any thread could end the wait.
    #[must_use]
    pub fn is_anyone(&self) -> bool {
        matches!(self, Self::Anyone(_))
    }
}

/// What any thread could do to end a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Send a message, or drop the last sender.
    Send,
    /// Receive a message, or drop the receiver.
    Receive,
    /// Notify a condition variable.
    Notify,
    /// Arrive at a barrier.
    Arrive,
    /// Unpark the thread.
    Unpark,
}

/// The object that a thread waits on.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its identity.
    pub id: LockId,
    /// What it is.
    pub kind: Kind,
    /// Its class.
    pub origin: Origin,
}

/// A wait without timeout.
#[derive(Clone, Debug)]
pub struct Wait {
    /// What on.
    pub target: Target,
    /// What would end it.
    pub need: Need,
    /// Where it was called from.
    pub site: Caller,
    /// The locks held meanwhile.
    pub held: Vec<Held>,
}

/// A thread of a knot.
#[derive(Clone, Debug)]
pub struct Knotted {
    /// The thread.
    pub thread: ThreadId,
    /// What a report says of it.
    pub who: Who,
    /// What it waits for.
    pub wait: Wait,
    /// The how-manieth wait of the thread this is: changes when it goes on.
    pub turn: u64,
}

/// Threads that can never go on.
#[derive(Clone, Debug)]
pub struct Knot {
    /// The threads, the one it was noticed through first.
    pub threads: Vec<Knotted>,
    /// The locks in it whose holder ended without releasing them: who that was, and where it was locked.
    pub orphans: Vec<(LockId, Orphan)>,
    /// Whether only threads of the knot could end its waits.
    pub is_certain: bool,
}

/// A lock whose holder has ended.
#[derive(Clone, Debug)]
pub struct Orphan {
    /// Who held it.
    pub who: Who,
    /// How and where it was locked.
    pub held: Held,
}

/// What the graph thinks of a wait that begins.
#[derive(Clone, Debug)]
pub enum Outlook {
    /// Somebody can end it.
    Fine,
    /// Nobody runs, but somebody was woken and should: worth a look later.
    Unclear,
    /// It closes a knot.
    Knot(Knot),
}

/// Whether a thread that was woken counts as one that will run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// It does: it only has not run yet.
    Runs,
    /// It does not: it has had time enough.
    Sleeps,
}

#[derive(Debug)]
struct Thread {
    who: Who,
    wait: Option<Wait>,
    turn: u64,
}

/// Who waits for whom.
#[derive(Debug, Default)]
pub struct WaitFor {
    threads: FxHashMap<ThreadId, Thread>,
    blocked: usize,
    /// Locks held by threads that wait.
    holders: FxHashMap<LockId, Vec<(ThreadId, Mode)>>,
    /// Threads that wait, by what on.
    waiters: FxHashMap<LockId, Vec<ThreadId>>,
    /// Wake-ups given and not yet taken, by object.
    wakes: FxHashMap<LockId, usize>,
    orphans: FxHashMap<LockId, Orphan>,
}

impl WaitFor {
    /// A thread begins.
    pub fn begin(&mut self, thread: ThreadId, who: Who) {
        let state = Thread {
            who,
            wait: None,
            turn: 0,
        };
        self.threads.insert(thread, state);
    }

    /// A thread ends while it holds these locks. Returns whether nobody can be seen to run now, or waits for them.
    pub fn end(&mut self, thread: ThreadId, held: &[Held]) -> bool {
        let _ = self.awake(thread);
        let Some(state) = self.threads.remove(&thread) else {
            return false;
        };
        for held in held {
            let orphan = Orphan {
                who: state.who.clone(),
                held: *held,
            };
            self.orphans.insert(held.lock, orphan);
        }
        self.nobody_runs()
            || held
                .iter()
                .any(|held| self.waiters.contains_key(&held.lock))
    }

    /// A lock is destroyed.
    pub fn retire(&mut self, lock: LockId) {
        self.orphans.remove(&lock);
    }

    /// A thread is about to wait.
    pub fn wait(&mut self, thread: ThreadId, wait: Wait) -> Outlook {
        for held in &wait.held {
            self.holders
                .entry(held.lock)
                .or_default()
                .push((thread, held.mode));
        }
        self.waiters.entry(wait.target.id).or_default().push(thread);
        let can_go_on = self.plainly_ends(thread, &wait);
        let Some(state) = self.threads.get_mut(&thread) else {
            return Outlook::Fine;
        };
        state.wait = Some(wait);
        state.turn += 1;
        self.blocked += 1;
        if can_go_on && !self.nobody_runs() {
            return Outlook::Fine;
        }
        let stuck = self.stuck(Woken::Runs);
        if stuck.contains(&thread) {
            Outlook::Knot(self.knot(thread, &stuck))
        } else if self.nobody_runs() {
            Outlook::Unclear
        } else {
            Outlook::Fine
        }
    }

    /// A thread waits no longer.
    pub fn awake(&mut self, thread: ThreadId) -> Option<Wait> {
        let wait = self.threads.get_mut(&thread)?.wait.take()?;
        self.blocked -= 1;
        for held in &wait.held {
            remove(&mut self.holders, held.lock, |&(holder, _)| {
                holder == thread
            });
        }
        remove(&mut self.waiters, wait.target.id, |&waiter| {
            waiter == thread
        });
        self.take_wake(wait.target.id);
        Some(wait)
    }

    /// One, or all, of those that wait on an object are woken.
    pub fn wake(&mut self, object: LockId, all: bool) {
        if let Some(waiters) = self.waiters.get(&object) {
            let wakes = self.wakes.entry(object).or_default();
            *wakes = if all {
                waiters.len()
            } else {
                waiters.len().min(*wakes + 1)
            };
        }
    }

    /// A parked thread is woken.
    pub fn unpark(&mut self, thread: ThreadId) {
        let parked = self
            .threads
            .get(&thread)
            .and_then(|state| state.wait.as_ref());
        if let Some(wait) = parked.filter(|wait| wait.need == Need::Anyone(Deed::Unpark)) {
            self.wake(wait.target.id, true);
        }
    }

    /// The threads that nothing can free, by number.
    #[must_use]
    pub fn stuck_threads(&self, woken: Woken) -> Vec<ThreadId> {
        let mut threads: Vec<ThreadId> = self.stuck(woken).into_iter().collect();
        threads.sort_unstable();
        threads
    }

    /// Whether a lock was held by a thread that has ended.
    #[must_use]
    pub fn is_orphan(&self, lock: LockId) -> bool {
        self.orphans.contains_key(&lock)
    }

    /// Whether a thread waits for a lock that nobody is left to release.
    #[must_use]
    pub fn waits_for_orphan(&self, thread: ThreadId) -> bool {
        let wait = self
            .threads
            .get(&thread)
            .and_then(|state| state.wait.as_ref());
        wait.is_some_and(|wait| self.orphans.contains_key(&wait.target.id))
    }

    /// The knot that a stuck thread is part of, or depends on.
    #[must_use]
    pub fn knot_of(&self, thread: ThreadId, woken: Woken) -> Option<Knot> {
        let stuck = self.stuck(woken);
        stuck.contains(&thread).then(|| self.knot(thread, &stuck))
    }

    fn nobody_runs(&self) -> bool {
        self.blocked == self.threads.len()
    }

    /// Whether a wait can be seen to end without looking further than one step.
    fn plainly_ends(&self, thread: ThreadId, wait: &Wait) -> bool {
        match &wait.need {
            Need::Lock(mode) => {
                !self.orphans.contains_key(&wait.target.id)
                    && self
                        .blockers(wait.target.id, *mode, thread)
                        .next()
                        .is_none()
            }
            Need::End(child) => self.is_running(*child),
            Need::Ends(children) => children.iter().all(|&child| self.is_running(child)),
            Need::Anyone(_) => true,
        }
    }

    fn is_running(&self, thread: ThreadId) -> bool {
        self.threads
            .get(&thread)
            .is_none_or(|state| state.wait.is_none())
    }

    /// The waiting threads that stand between a thread and a lock: its holders and, before a reader, queued writers.
    fn blockers(
        &self,
        lock: LockId,
        mode: Mode,
        thread: ThreadId,
    ) -> impl Iterator<Item = ThreadId> + '_ {
        let holders = self.holders.get(&lock).into_iter().flatten();
        let in_the_way =
            holders.filter(move |(_, held)| mode == Mode::Exclusive || *held == Mode::Exclusive);
        let queued = self.waiters.get(&lock).into_iter().flatten().copied();
        let writers = queued.filter(move |&waiter| {
            mode == Mode::Shared
                && waiter != thread
                && self.needs(waiter) == Some(&Need::Lock(Mode::Exclusive))
        });
        in_the_way.map(|&(holder, _)| holder).chain(writers)
    }

    fn needs(&self, thread: ThreadId) -> Option<&Need> {
        self.threads
            .get(&thread)?
            .wait
            .as_ref()
            .map(|wait| &wait.need)
    }

    /// The greatest set of waiting threads in which every wait depends on the set alone.
    fn stuck(&self, woken: Woken) -> FxHashSet<ThreadId> {
        let is_asleep =
            |wait: &Wait| woken == Woken::Sleeps || !self.wakes.contains_key(&wait.target.id);
        let waiting = self
            .threads
            .iter()
            .filter(|(_, state)| state.wait.as_ref().is_some_and(is_asleep));
        let mut stuck: FxHashSet<ThreadId> = waiting.map(|(&thread, _)| thread).collect();
        loop {
            let kept: FxHashSet<ThreadId> = stuck
                .iter()
                .copied()
                .filter(|&thread| self.is_stuck(thread, &stuck))
                .collect();
            if kept.len() == stuck.len() {
                return kept;
            }
            stuck = kept;
        }
    }

    fn is_stuck(&self, thread: ThreadId, stuck: &FxHashSet<ThreadId>) -> bool {
        let Some(wait) = self
            .threads
            .get(&thread)
            .and_then(|state| state.wait.as_ref())
        else {
            return false;
        };
        match &wait.need {
            Need::Lock(mode) => {
                self.orphans.contains_key(&wait.target.id)
                    || self
                        .blockers(wait.target.id, *mode, thread)
                        .any(|blocker| stuck.contains(&blocker))
            }
            Need::End(child) => stuck.contains(child),
            Need::Ends(children) => children.iter().any(|child| stuck.contains(child)),
            Need::Anyone(_) => stuck.len() == self.threads.len(),
        }
    }

    /// The stuck threads that a thread's wait depends on, itself first.
    fn knot(&self, thread: ThreadId, stuck: &FxHashSet<ThreadId>) -> Knot {
        let mut order = vec![thread];
        let mut next = 0;
        while let Some(&member) = order.get(next) {
            for helper in self.helpers(member, stuck) {
                if !order.contains(&helper) {
                    order.push(helper);
                }
            }
            next += 1;
        }
        let threads: Vec<Knotted> = order
            .iter()
            .filter_map(|&member| self.knotted(member))
            .collect();
        let targets = threads.iter().map(|member| member.wait.target.id);
        let orphans: Vec<(LockId, Orphan)> = targets
            .filter_map(|lock| Some((lock, self.orphans.get(&lock)?.clone())))
            .collect();
        let is_certain = orphans.is_empty()
            && threads
                .iter()
                .all(|member| !matches!(member.wait.need, Need::Anyone(_)));
        Knot {
            threads,
            orphans,
            is_certain,
        }
    }

    fn knotted(&self, thread: ThreadId) -> Option<Knotted> {
        let state = self.threads.get(&thread)?;
        Some(Knotted {
            thread,
            who: state.who.clone(),
            wait: state.wait.clone()?,
            turn: state.turn,
        })
    }

    /// The stuck threads that could end a thread's wait; of those that wait for anyone, the ones of the same test.
    fn helpers(&self, thread: ThreadId, stuck: &FxHashSet<ThreadId>) -> Vec<ThreadId> {
        let Some(state) = self.threads.get(&thread) else {
            return Vec::new();
        };
        let Some(wait) = &state.wait else {
            return Vec::new();
        };
        let mut helpers: Vec<ThreadId> = match &wait.need {
            Need::Lock(mode) => self.blockers(wait.target.id, *mode, thread).collect(),
            Need::End(child) => vec![*child],
            Need::Ends(children) => children.clone(),
            Need::Anyone(_) => stuck
                .iter()
                .copied()
                .filter(|other| self.same_test(state, *other))
                .collect(),
        };
        helpers.retain(|helper| stuck.contains(helper));
        helpers.sort_unstable();
        helpers
    }

    fn same_test(&self, state: &Thread, other: ThreadId) -> bool {
        self.threads.get(&other).is_some_and(|other| {
            Arc::ptr_eq(&other.who.test, &state.who.test) || other.who.test == state.who.test
        })
    }

    /// A woken thread takes its wake-up with it.
    fn take_wake(&mut self, object: LockId) {
        let has_waiters = self.waiters.contains_key(&object);
        if let Some(wakes) = self.wakes.get_mut(&object) {
            *wakes -= 1;
            if *wakes == 0 || !has_waiters {
                self.wakes.remove(&object);
            }
        }
    }
}

/// Removes the first entry that fits from a list in a map, and the list when it is empty.
fn remove<T>(map: &mut FxHashMap<LockId, Vec<T>>, key: LockId, is_it: impl Fn(&T) -> bool) {
    if let Some(list) = map.get_mut(&key) {
        if let Some(position) = list.iter().position(is_it) {
            list.swap_remove(position);
        }
        if list.is_empty() {
            map.remove(&key);
        }
    }
}
