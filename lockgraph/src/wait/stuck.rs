//! The threads that can never go on: the greatest set in which every wait depends on the set alone.

use model::event::Mode;
use model::id::{LockId, ThreadId};
use rustc_hash::FxHashSet;

use super::need::{Need, Wait};
use super::{WaitFor, Woken};

impl WaitFor {
    /// Whether a wait can be seen to end without looking further than one step.
    pub(super) fn plainly_ends(&self, thread: ThreadId, wait: &Wait) -> bool {
        wait.aims()
            .any(|(target, need, _)| self.plainly_is_there(thread, wait, target.id, need))
    }

    fn plainly_is_there(&self, thread: ThreadId, wait: &Wait, target: LockId, need: &Need) -> bool {
        match need {
            Need::Lock(mode) => {
                !self.orphans.contains_key(&target)
                    && self.blockers(target, *mode, thread).next().is_none()
            }
            Need::End(child) => *child != thread && self.is_running(*child),
            Need::Ends(children) => children
                .iter()
                .all(|&child| child != thread && self.is_running(child)),
            Need::Anyone(_) => self.retake_blockers(wait, thread).next().is_none(),
        }
    }

    /// Whether a thread was woken that nothing keeps from going on: then nobody who waits for anyone is stuck.
    pub(super) fn somebody_should_run(&self) -> bool {
        let objects = self.wakes.keys();
        let mut waiters = objects.flat_map(|object| self.waiters.get(object).into_iter().flatten());
        waiters.any(|&waiter| {
            let state = self.threads.get(&waiter);
            let wait = state.and_then(|state| state.wait.as_ref());
            wait.is_some_and(|wait| {
                wait.need.is_anyone() && self.retake_blockers(wait, waiter).next().is_none()
            })
        })
    }

    /// The waiting threads that hold the mutex which a condition variable is to give back.
    pub(super) fn retake_blockers(
        &self,
        wait: &Wait,
        thread: ThreadId,
    ) -> impl Iterator<Item = ThreadId> + '_ {
        let mutex = wait.retake.into_iter();
        mutex.flat_map(move |mutex| self.blockers(mutex.id, Mode::Exclusive, thread))
    }

    fn is_running(&self, thread: ThreadId) -> bool {
        self.threads
            .get(&thread)
            .is_none_or(|state| state.wait.is_none())
    }

    /// The waiting threads that stand between a thread and a lock: its holders and, before a reader, queued writers.
    pub(super) fn blockers(
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
            mode == Mode::Shared && waiter != thread && self.wants_to_write(waiter, lock)
        });
        in_the_way.map(|&(holder, _)| holder).chain(writers)
    }

    fn wants_to_write(&self, thread: ThreadId, lock: LockId) -> bool {
        let state = self.threads.get(&thread);
        let wait = state.and_then(|state| state.wait.as_ref());
        wait.is_some_and(|wait| {
            let mut aims = wait.aims();
            aims.any(|(target, need, _)| target.id == lock && *need == Need::Lock(Mode::Exclusive))
        })
    }

    /// The greatest set of waiting threads in which every wait depends on the set alone.
    pub(super) fn stuck(&self, woken: Woken) -> FxHashSet<ThreadId> {
        let waiting = self
            .threads
            .iter()
            .filter(|(_, state)| state.wait.is_some());
        let mut stuck: FxHashSet<ThreadId> = waiting.map(|(&thread, _)| thread).collect();
        loop {
            let kept: FxHashSet<ThreadId> = stuck
                .iter()
                .copied()
                .filter(|&thread| self.is_stuck(thread, &stuck, woken))
                .collect();
            if kept.len() == stuck.len() {
                return kept;
            }
            stuck = kept;
        }
    }

    fn is_stuck(&self, thread: ThreadId, stuck: &FxHashSet<ThreadId>, woken: Woken) -> bool {
        let Some(wait) = self
            .threads
            .get(&thread)
            .and_then(|state| state.wait.as_ref())
        else {
            return false;
        };
        wait.aims().all(|(target, need, _)| {
            self.is_out_of_reach(thread, wait, target.id, need, stuck, woken)
        })
    }

    /// Whether one of the things that a thread waits for never comes.
    fn is_out_of_reach(
        &self,
        thread: ThreadId,
        wait: &Wait,
        target: LockId,
        need: &Need,
        stuck: &FxHashSet<ThreadId>,
        woken: Woken,
    ) -> bool {
        match need {
            Need::Lock(mode) => {
                self.orphans.contains_key(&target)
                    || self
                        .blockers(target, *mode, thread)
                        .any(|blocker| stuck.contains(&blocker))
            }
            Need::End(child) => stuck.contains(child),
            Need::Ends(children) => children.iter().any(|child| stuck.contains(child)),
            Need::Anyone(_) => {
                self.retake_blockers(wait, thread)
                    .any(|blocker| stuck.contains(&blocker))
                    || (stuck.len() == self.threads.len() && !self.is_woken(target, woken))
            }
        }
    }

    fn is_woken(&self, target: LockId, woken: Woken) -> bool {
        woken == Woken::Runs && self.wakes.contains_key(&target)
    }
}
