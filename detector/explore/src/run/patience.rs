//! Threads that wait in a loop: they let others go first, and if all do nothing else, that is a livelock.
//!
//! **Follows** the fair scheduler of Musuvathi and Qadeer ("Fair Stateless Model Checking", 2008): who yields is not
//! chosen again before somebody else has taken a step. A thread that reads the same atomic over and over, with nobody
//! else in between, counts as one that yields.

use crate::op::{Act, Obj, Op, Outcome, Tid};

/// How often a thread may read one object in a row before that is a loop.
const LOOKS: u32 = 8;

/// After how many steps in a row of each thread, which changed nothing and told nothing new, time passes: whoever takes them
/// waits, and nobody else can go on. Those who only look a while before they sleep are asleep by then.
const IDLE: usize = 512;

/// How many operations a thread takes between two failures if it gets on.
const STRIDE: u32 = 64;

#[derive(Debug, Default)]
pub(super) struct Patience {
    threads: Vec<Thread>,
    /// Whose step was the last, and how often it has looked at the same object since it became its turn.
    last: Option<(Tid, Obj, u32)>,
    /// How many threads have yielded and wait for another one's step.
    yielding: usize,
    has_progress: bool,
    /// How often something was changed, and how often before it was late.
    changes: u32,
    early_changes: u32,
    /// How many steps there were since something was changed or looked at for the first time, or time has passed.
    idle: usize,
    /// The same before the last step.
    idle_before: usize,
}

#[derive(Debug, Default)]
struct Thread {
    has_yielded: bool,
    /// How many operations there were since the last that failed, looks at what it has seen not counted.
    stride: u32,
    /// By object: how many changes there had been, and one, when it last looked at it.
    seen: Vec<u32>,
}

impl Thread {
    /// Whether this look at an object can tell it something new: it is the first since the last of so many changes.
    fn sees(&mut self, object: Obj, changes: u32) -> bool {
        if object == Obj::NONE {
            return false;
        }
        if self.seen.len() <= object.index() {
            self.seen.resize(object.index() + 1, 0);
        }
        let before = std::mem::replace(&mut self.seen[object.index()], changes + 1);
        before != changes + 1
    }
}

impl Patience {
    pub(super) fn clear(&mut self) {
        let mut threads = std::mem::take(&mut self.threads);
        threads.clear();
        *self = Self {
            threads,
            ..Self::default()
        };
    }

    pub(super) fn start(&mut self, is_late: bool) {
        self.threads.push(Thread::default());
        self.has_progress |= is_late;
    }

    pub(super) fn end(&mut self, is_late: bool) {
        self.has_progress |= is_late;
    }

    pub(super) fn took(&mut self, tid: Tid, op: &Op, outcome: Option<Outcome>, is_late: bool) {
        self.wake_all();
        self.look(tid, op, outcome);
        let changes = !matches!(op.act, Act::Load | Act::Fence | Act::IsFinished(_));
        let failed = op.is_yield() || matches!(outcome, Some(Outcome::Failed | Outcome::TimedOut));
        self.changes += u32::from(changes && !failed);
        if !is_late {
            self.early_changes = self.changes;
        }
        let thread = &mut self.threads[tid.index()];
        let is_new = op.act != Act::Load || thread.sees(op.object, self.changes);
        if failed {
            thread.stride = 0;
        } else if is_new {
            thread.stride += 1;
        }
        let is_idle = failed || !is_new || (!changes && op.act != Act::Load);
        self.idle_before = self.idle;
        self.idle = if is_idle { self.idle + 1 } else { 0 };
        self.has_progress |= is_late && thread.stride > STRIDE;
        if op.is_yield() {
            self.put_back(tid);
        }
    }

    /// The last operation, one of this thread, changed nothing.
    pub(super) fn failed(&mut self, tid: Tid) {
        self.threads[tid.index()].stride = 0;
        self.changes = self.changes.saturating_sub(1);
        self.early_changes = self.early_changes.min(self.changes);
        self.idle = self.idle_before + 1;
    }

    fn look(&mut self, tid: Tid, op: &Op, outcome: Option<Outcome>) {
        let is_idle = matches!(op.act, Act::Load) || outcome == Some(Outcome::Failed);
        let looks = match self.last {
            Some((last, object, looks)) if is_idle && last == tid && object == op.object => {
                looks + 1
            }
            _ => 0,
        };
        self.last = Some((tid, op.object, looks));
        if looks >= LOOKS {
            self.put_back(tid);
        }
    }

    fn put_back(&mut self, tid: Tid) {
        let thread = &mut self.threads[tid.index()];
        self.yielding += usize::from(!thread.has_yielded);
        thread.has_yielded = true;
    }

    /// Somebody's step may be what others wait for.
    fn wake_all(&mut self) {
        if self.yielding == 0 {
            return;
        }
        self.threads
            .iter_mut()
            .for_each(|thread| thread.has_yielded = false);
        self.yielding = 0;
    }

    /// Leaves out threads that have yielded, if there are others.
    pub(super) fn keep_the_patient(&mut self, ready: &mut Vec<Tid>) {
        let is_eager = |tid: &Tid| !self.threads[tid.index()].has_yielded;
        if self.yielding > 0 && ready.iter().any(is_eager) {
            ready.retain(is_eager);
        }
    }

    /// Whether all that can go on seem to wait, so that time passes. Time begins to pass anew then.
    pub(super) fn lets_time_pass(&mut self, ready: usize) -> bool {
        let is_idle = self.idle >= IDLE * ready;
        if is_idle {
            self.idle = 0;
        }
        is_idle
    }

    pub(super) fn is_livelock(&self) -> bool {
        !self.has_progress
    }

    pub(super) fn has_changed(&self) -> bool {
        self.changes > self.early_changes
    }
}
