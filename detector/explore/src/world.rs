//! What an execution knows of its threads and objects: which operations can be carried out now, and what they change.
//!
//! The world holds no data of the program, only what decides who can go on: who holds a lock, how many messages a
//! channel has, who sleeps where. Time passes only when nobody can go on otherwise, and then up to the next moment that
//! somebody waits for.

mod channel;
mod condvar;
mod lock;

use model::event::Mode;

pub use self::channel::Channel;
pub use self::condvar::Condvar;
pub use self::lock::Lock;

use crate::op::{Act, Deadline, Moment, Obj, Op, Outcome, Tid};
use crate::rng::mix;

/// A thread.
#[derive(Clone, Debug)]
pub struct Thread {
    /// The same in every execution that creates it as the same child of the same parent.
    pub key: u64,
    /// Who started it.
    pub parent: Option<Tid>,
    /// Which of its parent's children it is, from 1.
    pub nth: u32,
    /// What it is about to do, unless it runs or has ended.
    pub pending: Option<Op>,
    /// How many operations it has begun.
    pub steps: u32,
    /// How many choices it had since it began the last of them.
    pub choices: u32,
    /// Whether it has ended.
    pub is_over: bool,
    children: u32,
    firsts: u32,
    /// Whether somebody unparked it since it last parked.
    park: bool,
    /// Whether what it sleeps on has changed.
    is_awake: bool,
}

impl Thread {
    /// It begins an operation.
    pub(crate) fn begin(&mut self) {
        self.steps += 1;
        self.choices = 0;
    }
}

/// What an object is, as far as it decides who can go on.
#[derive(Clone, Debug)]
pub enum State {
    /// A mutex or read-write lock.
    Lock(Lock),
    /// A condition variable.
    Condvar(Condvar),
    /// A channel.
    Channel(Channel),
    /// Threads that started in a scope.
    Scope(Vec<Tid>),
    /// Where this thread waits to be unparked.
    Parking(Tid),
    /// Nobody ever waits for it.
    Free,
}

/// An object.
#[derive(Clone, Debug)]
pub struct Object {
    /// The same in every execution in which the same thread uses it as its nth new one.
    pub key: u64,
    /// What it has in common with objects made at the same place.
    pub class: u64,
    /// What it is.
    pub state: State,
}

/// Whether an operation can be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Now.
    Now,
    /// When this moment comes, if not before.
    At(Moment),
    /// When somebody else has done something.
    Blocked,
}

/// The threads and objects of an execution.
#[derive(Clone, Debug, Default)]
pub struct World {
    threads: Vec<Thread>,
    objects: Vec<Object>,
    /// The virtual clock.
    pub now: Moment,
}

impl World {
    /// Nobody and nothing is left, only the memory.
    pub(crate) fn clear(&mut self) {
        self.threads.clear();
        self.objects.clear();
        self.now = 0;
    }

    /// A thread begins, started by `parent`.
    pub fn start(&mut self, parent: Option<Tid>) -> Tid {
        let (parent_key, nth) = match parent {
            None => (0, 0),
            Some(parent) => {
                let parent = &mut self.threads[parent.index()];
                parent.children += 1;
                (parent.key, parent.children)
            }
        };
        let tid = Tid(u32::try_from(self.threads.len()).unwrap_or(u32::MAX));
        self.threads.push(Thread {
            key: mix(parent_key, u64::from(nth) + 1),
            parent,
            nth,
            pending: None,
            steps: 0,
            choices: 0,
            is_over: false,
            children: 0,
            firsts: 0,
            park: false,
            is_awake: false,
        });
        tid
    }

    /// An object is used for the first time in this execution.
    pub fn add(&mut self, by: Tid, class: u64, state: State) -> Obj {
        let thread = &mut self.threads[by.index()];
        thread.firsts += 1;
        let key = mix(thread.key ^ 0x0b1e_c700, u64::from(thread.firsts));
        let obj = Obj(u32::try_from(self.objects.len()).unwrap_or(u32::MAX - 1));
        self.objects.push(Object { key, class, state });
        obj
    }

    /// The threads, in the order of creation.
    #[must_use]
    pub fn threads(&self) -> &[Thread] {
        &self.threads
    }

    /// A thread.
    #[must_use]
    pub fn thread(&self, tid: Tid) -> &Thread {
        &self.threads[tid.index()]
    }

    /// A thread, to change.
    pub fn thread_mut(&mut self, tid: Tid) -> &mut Thread {
        &mut self.threads[tid.index()]
    }

    /// An object.
    #[must_use]
    pub fn object(&self, obj: Obj) -> Option<&Object> {
        self.objects.get(obj.index())
    }

    /// How many objects there are.
    #[must_use]
    pub fn objects(&self) -> usize {
        self.objects.len()
    }

    /// The key of an object; 0 for none.
    #[must_use]
    pub fn key_of(&self, obj: Obj) -> u64 {
        self.object(obj).map_or(0, |object| object.key)
    }

    /// A lock, to look at or change; `None` if the object is none.
    pub fn lock_mut(&mut self, obj: Obj) -> Option<&mut Lock> {
        match self.state_mut(obj) {
            Some(State::Lock(lock)) => Some(lock),
            _ => None,
        }
    }

    /// What a thread does when it unlocks a lock that it holds.
    #[must_use]
    pub fn unlocking(&self, tid: Tid, lock: Obj) -> Op {
        let is_writer = self
            .lock(lock)
            .is_some_and(|lock| lock.writer() == Some(tid));
        let mode = if is_writer {
            Mode::Exclusive
        } else {
            Mode::Shared
        };
        Op::new(Act::Unlock(mode), lock, None)
    }

    /// A lock; `None` if the object is none.
    #[must_use]
    pub fn lock(&self, obj: Obj) -> Option<&Lock> {
        match &self.object(obj)?.state {
            State::Lock(lock) => Some(lock),
            _ => None,
        }
    }

    /// A channel, to look at or change; `None` if the object is none.
    pub fn channel_mut(&mut self, obj: Obj) -> Option<&mut Channel> {
        match self.state_mut(obj) {
            Some(State::Channel(channel)) => Some(channel),
            _ => None,
        }
    }

    /// A thread was started in a scope.
    pub fn join_scope(&mut self, scope: Obj, thread: Tid) {
        if let Some(State::Scope(threads)) = self.state_mut(scope) {
            threads.push(thread);
        }
    }

    /// The threads of a scope.
    #[must_use]
    pub fn scope(&self, scope: Obj) -> &[Tid] {
        match self.object(scope).map(|object| &object.state) {
            Some(State::Scope(threads)) => threads,
            _ => &[],
        }
    }

    /// An object that threads sleep on has changed: all who sleep on it now can look again.
    pub fn rouse(&mut self, obj: Obj) {
        let is_asleep = |thread: &&mut Thread| {
            let pending = thread.pending.as_ref();
            pending.is_some_and(|op| op.act == Act::Asleep && op.object == obj)
        };
        let sleepers = self.threads.iter_mut().filter(is_asleep);
        sleepers.for_each(|thread| thread.is_awake = true);
    }

    /// A thread has ended.
    pub fn end(&mut self, tid: Tid) {
        let thread = &mut self.threads[tid.index()];
        thread.is_over = true;
        thread.pending = None;
    }

    fn state_mut(&mut self, obj: Obj) -> Option<&mut State> {
        self.objects
            .get_mut(obj.index())
            .map(|object| &mut object.state)
    }

    /// Whether what a thread is about to do can be done. A thread that runs or has ended is blocked.
    #[must_use]
    pub fn readiness(&self, tid: Tid) -> Readiness {
        match &self.thread(tid).pending {
            Some(op) => self.op_readiness(tid, op),
            None => Readiness::Blocked,
        }
    }

    /// Whether what this thread is about to do can be done now.
    #[inline]
    pub(crate) fn can_go_on(&self, tid: Tid, thread: &Thread) -> bool {
        let Some(op) = &thread.pending else {
            return false;
        };
        !op.may_wait() || self.op_readiness(tid, op) == Readiness::Now
    }

    fn op_readiness(&self, tid: Tid, op: &Op) -> Readiness {
        let by = |until: Option<Deadline>, is_met: bool| match until {
            _ if is_met => Readiness::Now,
            Some(until) if self.has_come(until) => Readiness::Now,
            Some(until) => Readiness::At(until.at),
            None => Readiness::Blocked,
        };
        let ended = |tid: &Tid| self.thread(*tid).is_over;
        let state = self.object(op.object).map(|object| &object.state);
        match (op.act, state) {
            (Act::Lock(mode), Some(State::Lock(lock))) => by(None, lock.can_begin(tid, mode)),
            (
                Act::Wake {
                    mutex,
                    until,
                    by_itself,
                },
                Some(State::Condvar(condvar)),
            ) => {
                let is_free = self.lock(mutex).is_none_or(Lock::is_free);
                match by(until, by_itself || condvar.may_wake(tid)) {
                    Readiness::Now if !is_free => Readiness::Blocked,
                    readiness => readiness,
                }
            }
            (Act::Send, Some(State::Channel(channel))) => {
                by(None, channel.has_room(self.has_receiver_waiting(op.object)))
            }
            (Act::Recv { until }, Some(State::Channel(channel))) => by(until, channel.has_news()),
            (Act::Join(target), _) => by(None, ended(&target)),
            (Act::JoinAll, Some(State::Scope(threads))) => by(None, threads.iter().all(ended)),
            (Act::Park { until, by_itself }, _) => by(until, by_itself || self.thread(tid).park),
            (Act::Asleep, _) => by(None, self.thread(tid).is_awake),
            (Act::Sleep(until), _) => by(Some(until), false),
            _ => Readiness::Now,
        }
    }

    /// How many threads sleep on a condition variable, and are not to be woken yet.
    #[must_use]
    pub fn sleepers(&self, condvar: Obj) -> usize {
        match self.object(condvar).map(|object| &object.state) {
            Some(State::Condvar(condvar)) => condvar.sleepers(),
            _ => 0,
        }
    }

    /// Somebody outside wakes one thread that sleeps on a condition variable, or all.
    pub fn notify(&mut self, condvar: Obj, all: bool) {
        self.with_condvar(condvar, |condvar| condvar.notify(all));
    }

    fn has_receiver_waiting(&self, channel: Obj) -> bool {
        self.threads.iter().any(|thread| {
            thread
                .pending
                .is_some_and(|op| op.object == channel && matches!(op.act, Act::Recv { .. }))
        })
    }

    /// What a thread is about to do.
    ///
    /// # Panics
    ///
    /// If the thread is not about to do anything.
    #[must_use]
    pub fn pending(&self, tid: Tid) -> Op {
        self.thread(tid).pending.expect("the thread has announced")
    }

    /// Lets a thread do what it is about to do, which is this. Returns what became of it: `None` if the thread has only
    /// queued up, and waits on.
    pub fn perform(&mut self, tid: Tid, op: &Op) -> Option<Outcome> {
        let outcome = self.apply(tid, op)?;
        self.threads[tid.index()].pending = None;
        Some(outcome)
    }

    /// What an operation changes.
    pub fn apply(&mut self, tid: Tid, op: &Op) -> Option<Outcome> {
        let is_over = |tid: Tid, world: &Self| world.thread(tid).is_over;
        match op.act {
            Act::Lock(mode) => return self.lock_now(tid, op.object, mode),
            Act::TryLock(mode) => return Some(self.try_lock(tid, op.object, mode)),
            Act::Unlock(_) => self.unlock(tid, op.object),
            Act::Downgrade => self.downgrade(tid, op.object),
            Act::Wait { mutex } => {
                self.unlock(tid, mutex);
                self.with_condvar(op.object, |condvar| condvar.sleep(tid));
            }
            Act::Wake { mutex, until, .. } => {
                let was_notified = self.wake(tid, op.object, mutex);
                return Some(self.woken(was_notified, until));
            }
            Act::Notify { all } => self.with_condvar(op.object, |condvar| condvar.notify(all)),
            Act::Send | Act::TrySend => {
                let waits = self.has_receiver_waiting(op.object);
                return Some(self.with_channel(op, |c| c.send(waits)));
            }
            Act::Recv { until } => {
                let outcome = self.with_channel(op, |c| c.receive(Outcome::TimedOut));
                if outcome == Outcome::TimedOut {
                    until.into_iter().for_each(|until| self.pass(until));
                }
                return Some(outcome);
            }
            Act::TryRecv => return Some(self.with_channel(op, |c| c.receive(Outcome::Failed))),
            Act::Park { until, .. } => {
                let was_unparked = std::mem::take(&mut self.threads[tid.index()].park);
                return Some(self.woken(was_unparked, until));
            }
            Act::Unpark => {
                if let Some(&mut State::Parking(thread)) = self.state_mut(op.object) {
                    self.threads[thread.index()].park = true;
                }
            }
            Act::IsFinished(target) if !is_over(target, self) => return Some(Outcome::Failed),
            Act::Sleep(until) => self.pass(until),
            Act::Asleep => self.threads[tid.index()].is_awake = false,
            _ => {}
        }
        Some(Outcome::Done)
    }

    fn lock_now(&mut self, tid: Tid, lock: Obj, mode: Mode) -> Option<Outcome> {
        if self.try_lock(tid, lock, mode) == Outcome::Done {
            return Some(Outcome::Done);
        }
        self.lock_mut(lock)?.queue(tid);
        None
    }

    fn try_lock(&mut self, tid: Tid, lock: Obj, mode: Mode) -> Outcome {
        let lock = self.lock_mut(lock);
        if lock.is_none_or(|lock| lock.take(tid, mode)) {
            Outcome::Done
        } else {
            Outcome::Failed
        }
    }

    fn unlock(&mut self, tid: Tid, lock: Obj) {
        if let Some(lock) = self.lock_mut(lock) {
            lock.release(tid);
        }
    }

    fn downgrade(&mut self, tid: Tid, lock: Obj) {
        self.unlock(tid, lock);
        if let Some(lock) = self.lock_mut(lock) {
            lock.share(tid);
        }
    }

    /// Returns whether the thread was notified.
    fn wake(&mut self, tid: Tid, condvar: Obj, mutex: Obj) -> bool {
        let mut was_notified = true;
        self.with_condvar(condvar, |condvar| was_notified = condvar.leave(tid));
        if let Some(lock) = self.lock_mut(mutex) {
            lock.take(tid, Mode::Exclusive);
        }
        was_notified
    }

    /// Why a wait is over, if it is.
    fn woken(&mut self, by_another: bool, until: Option<Deadline>) -> Outcome {
        match until {
            _ if by_another => Outcome::Done,
            Some(until) if self.has_come(until) => {
                self.pass(until);
                Outcome::TimedOut
            }
            _ => Outcome::Spurious,
        }
    }

    fn has_come(&self, until: Deadline) -> bool {
        until.is_early || until.at <= self.now
    }

    /// A wait is over because of its deadline: that must not lie in the future.
    fn pass(&mut self, until: Deadline) {
        self.now = self.now.max(until.at);
    }

    fn with_condvar(&mut self, condvar: Obj, f: impl FnOnce(&mut Condvar)) {
        if let Some(State::Condvar(condvar)) = self.state_mut(condvar) {
            f(condvar);
        }
    }

    fn with_channel(&mut self, op: &Op, f: impl FnOnce(&mut Channel) -> Outcome) -> Outcome {
        self.channel_mut(op.object).map_or(Outcome::Done, f)
    }
}

#[cfg(test)]
mod tests {
    use super::{Readiness, World};
    use crate::op::{Act, Deadline, Obj, Op, Outcome};

    #[test]
    fn a_deadline_that_comes_early_takes_its_time_all_the_same() {
        let mut world = World::default();
        let main = world.start(None);
        let until = |at, is_early| Deadline {
            at,
            is_early,
            clock: Obj::NONE,
        };
        let mut wait = |until| {
            world.thread_mut(main).pending = Some(Op::new(Act::Sleep(until), Obj::NONE, None));
            let readiness = world.readiness(main);
            let op = world.pending(main);
            let outcome = (readiness == Readiness::Now).then(|| world.perform(main, &op));
            (readiness, outcome.flatten(), world.now)
        };
        assert_eq!(wait(until(5, false)), (Readiness::At(5), None, 0));
        assert_eq!(
            wait(until(5, true)),
            (Readiness::Now, Some(Outcome::Done), 5)
        );
        assert_eq!(
            wait(until(4, true)),
            (Readiness::Now, Some(Outcome::Done), 5)
        );
    }
}
