//! Operations: what threads are about to do.

use std::fmt;

use model::event::Mode;
use model::site::Caller;

/// A thread of one execution, by the order of creation in it; the first is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tid(pub u32);

/// An object of one execution, by the order of first use in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Obj(pub u32);

impl Tid {
    /// The thread that runs the closure.
    pub const MAIN: Self = Self(0);

    /// Its place in a table of threads.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl Obj {
    /// No object.
    pub const NONE: Self = Self(u32::MAX);

    /// Its place in a table of objects.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for Tid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A moment of the virtual clock of an execution, in nanoseconds since its start.
pub type Moment = u64;

/// When a wait is over, whatever the others do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Deadline {
    /// The moment.
    pub at: Moment,
    /// Whether it comes whenever the schedule wants: the others are slow. The clock is put forward then.
    pub is_early: bool,
    /// What stands for the clock where it may be put forward; else [`Obj::NONE`], since time passes only when nobody can
    /// go on.
    pub clock: Obj,
}

/// What an operation does to its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Act {
    /// Locks a mutex or read-write lock.
    Lock(Mode),
    /// Locks it if that can be done at once.
    TryLock(Mode),
    /// Unlocks it.
    Unlock(Mode),
    /// Turns a write lock into a read lock.
    Downgrade,
    /// Gives a mutex up and begins to sleep on a condition variable.
    Wait {
        /// The mutex.
        mutex: Obj,
    },
    /// Wakes from that sleep and takes the mutex back; with a moment, also when that has come.
    Wake {
        /// The mutex.
        mutex: Obj,
        /// When the wait is over even without notification.
        until: Option<Deadline>,
        /// Whether it is over at any time, for no reason.
        by_itself: bool,
    },
    /// Notifies one sleeper of a condition variable, or all of them.
    Notify {
        /// Whether all.
        all: bool,
    },
    /// Sends into a channel.
    Send,
    /// Sends if there is room.
    TrySend,
    /// Receives from a channel; with a moment, gives up when that has come.
    Recv {
        /// When the receiver gives up.
        until: Option<Deadline>,
    },
    /// Receives if there is a message.
    TryRecv,
    /// Drops an end of a channel.
    HangUp,
    /// Reads an atomic.
    Load,
    /// Writes an atomic.
    Store,
    /// Reads and writes an atomic in one step.
    Update,
    /// Orders memory accesses.
    Fence,
    /// Waits for the end of a thread.
    Join(Tid),
    /// Waits for the end of every thread of a scope.
    JoinAll,
    /// Asks whether a thread has ended.
    IsFinished(Tid),
    /// Waits to be unparked; with a moment, also when that has come.
    Park {
        /// When the wait is over even without being unparked.
        until: Option<Deadline>,
        /// Whether it is over at any time, for no reason.
        by_itself: bool,
    },
    /// Unparks a thread.
    Unpark,
    /// Looks at and changes an object made of other parts: a barrier, a once-cell.
    Touch,
    /// Sleeps on such an object until it is changed.
    Asleep,
    /// Lets others go first.
    Yield,
    /// Sleeps until this moment.
    Sleep(Deadline),
    /// Starts a thread.
    Start(Tid),
    /// Ends the thread.
    End,
}

/// A choice that a schedule has besides the next thread. Its first option, 0, is always what happens by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Choice {
    /// Which of the values that it may see an atomic's load sees: the latest, or an older one.
    Value,
    /// Whether a thread wakes up though nobody woke it.
    WakeUp,
    /// Whether the time of a wait is over at once.
    Timeout,
    /// Whether a weak compare-exchange fails though the value is right.
    Weak,
    /// Whether an attempt to lock fails though the lock is free.
    Attempt,
}

impl Choice {
    /// One in how many times a random strategy leaves the default.
    #[must_use]
    pub(crate) fn rarity(self) -> usize {
        match self {
            Self::Value => 2,
            Self::WakeUp | Self::Timeout | Self::Weak | Self::Attempt => 8,
        }
    }
}

/// What a thread is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Op {
    /// What it does.
    pub act: Act,
    /// What to; [`Obj::NONE`] if there is nothing.
    pub object: Obj,
    /// Where it is called from, if known.
    pub site: Option<Caller>,
    /// What stands for the single order of `SeqCst` operations, if it takes part in that: fences change it, others look.
    pub single: Obj,
}

impl Op {
    /// An operation.
    #[must_use]
    pub fn new(act: Act, object: Obj, site: Option<Caller>) -> Self {
        Self {
            act,
            object,
            site,
            single: Obj::NONE,
        }
    }

    /// The same, as part of the single order that this stands for.
    #[must_use]
    pub fn in_single_order(mut self, single: Obj) -> Self {
        self.single = single;
        self
    }

    /// Whether it leaves its objects as they are.
    #[must_use]
    pub fn is_read(&self) -> bool {
        matches!(
            self.act,
            Act::Load
                | Act::Lock(Mode::Shared)
                | Act::TryLock(Mode::Shared)
                | Act::Unlock(Mode::Shared)
                | Act::HangUp
                | Act::IsFinished(_)
        )
    }

    /// Whether its order with others can matter even where it follows at once from what the thread did before. That of
    /// unlocking what was held alone cannot: nobody could have gone on in between.
    #[must_use]
    pub fn is_telling(&self) -> bool {
        !matches!(
            self.act,
            Act::Unlock(Mode::Exclusive) | Act::Start(_) | Act::End
        )
    }

    /// Whether there are moments at which it cannot be carried out.
    #[must_use]
    pub fn may_wait(&self) -> bool {
        matches!(
            self.act,
            Act::Lock(_)
                | Act::Wake { .. }
                | Act::Send
                | Act::Recv { .. }
                | Act::Join(_)
                | Act::JoinAll
                | Act::Park { .. }
                | Act::Asleep
                | Act::Sleep(_)
        )
    }

    /// When it is over, whatever the others do.
    #[must_use]
    pub fn deadline(&self) -> Option<Deadline> {
        match self.act {
            Act::Wake { until, .. } | Act::Park { until, .. } | Act::Recv { until } => until,
            Act::Sleep(until) => Some(until),
            _ => None,
        }
    }

    /// The objects that it reads or changes.
    #[must_use]
    pub fn objects(&self) -> [Obj; 4] {
        let (mutex, until) = match self.act {
            Act::Wait { mutex } => (mutex, None),
            Act::Wake { mutex, until, .. } => (mutex, until),
            Act::Park { until, .. } | Act::Recv { until } => (Obj::NONE, until),
            Act::Sleep(until) => (Obj::NONE, Some(until)),
            _ => return [self.object, Obj::NONE, Obj::NONE, self.single],
        };
        let clock = until.map_or(Obj::NONE, |until| until.clock);
        [self.object, mutex, clock, self.single]
    }

    /// Whether it changes one of its objects.
    #[must_use]
    pub fn writes(&self, object: Obj) -> bool {
        object != self.single && !self.is_read()
    }

    /// Whether the order of two operations of different threads can matter.
    #[must_use]
    pub fn depends_on(&self, other: &Self) -> bool {
        let theirs = other.objects();
        let meets = |&object: &Obj| {
            object != Obj::NONE
                && theirs.contains(&object)
                && (self.writes(object) || other.writes(object))
        };
        self.objects().iter().any(meets)
    }

    /// Whether it says that a thread can do nothing useful until others have moved.
    #[must_use]
    pub fn is_yield(&self) -> bool {
        matches!(self.act, Act::Yield)
    }
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was carried out.
    Done,
    /// What it tried could not be done.
    Failed,
    /// Its moment came first.
    TimedOut,
    /// The wait was over for no reason.
    Spurious,
    /// The other end of the channel is gone.
    Disconnected,
}
