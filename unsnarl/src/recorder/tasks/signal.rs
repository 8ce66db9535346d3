//! What can wake a task: a waker for the operations that are watched, and one for everybody else, whose copies are counted.

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

use model::id::ThreadId;

use crate::recorder::seats::seats;
use crate::recorder::state::quiet;

/// Whether the task was woken since it was polled last.
#[derive(Debug)]
pub(super) struct Signal {
    id: ThreadId,
    is_woken: AtomicBool,
    /// Whether the hang detector believes that the task waits.
    is_announced: AtomicBool,
    /// Whether somebody without a watched operation woke it.
    is_others: AtomicBool,
    /// Whether it was woken to be told something.
    is_told: AtomicBool,
}

// SeqCst throughout: a waker marks the task as woken and then asks whether its wait was announced; whoever announces it does
// so and then asks whether the task was woken. One of them sees the other.
impl Signal {
    fn wake(&self) {
        self.is_woken.store(true, Ordering::SeqCst);
        if self.is_announced.load(Ordering::SeqCst) {
            let _quiet = quiet();
            let mut seats = seats();
            if self.is_announced.swap(false, Ordering::SeqCst) {
                seats.end_wait(self.id);
            }
        }
    }

    /// The task is polled.
    fn begin_poll(&self) {
        self.is_woken.store(false, Ordering::SeqCst);
        if self.is_announced.load(Ordering::SeqCst) {
            let _quiet = quiet();
            let mut seats = seats();
            if self.is_announced.swap(false, Ordering::SeqCst) {
                seats.end_wait(self.id);
            }
        }
    }

    /// The hang detector is about to be told that the task waits.
    pub(super) fn announce(&self) {
        self.is_announced.store(true, Ordering::SeqCst);
    }

    pub(super) fn withdraw(&self) {
        self.is_announced.store(false, Ordering::SeqCst);
    }

    pub(super) fn is_woken(&self) -> bool {
        self.is_woken.load(Ordering::SeqCst)
    }

    /// Marks the task as one that has to hear something.
    pub(super) fn tell(&self) {
        self.is_told.store(true, Ordering::SeqCst);
    }

    pub(super) fn take_told(&self) -> bool {
        self.is_told.load(Ordering::SeqCst) && self.is_told.swap(false, Ordering::SeqCst)
    }
}

/// What a watched operation is given.
struct OfWatched {
    real: Waker,
    signal: Arc<Signal>,
}

/// What everybody else is given.
struct OfOthers {
    real: Waker,
    signal: Arc<Signal>,
}

impl Wake for OfWatched {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.signal.wake();
        self.real.wake_by_ref();
    }
}

impl Wake for OfOthers {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.signal.is_others.store(true, Ordering::SeqCst);
        self.signal.wake();
        self.real.wake_by_ref();
    }
}

/// The wakers of a task.
pub(super) struct Waking {
    signal: Arc<Signal>,
    of_watched: Option<Arc<OfWatched>>,
    of_others: Option<Arc<OfOthers>>,
    /// Those of runtimes that have polled it before, while somebody still has a copy.
    outdated: Vec<Arc<OfOthers>>,
}

impl Waking {
    pub(super) fn new(id: ThreadId) -> Self {
        let signal = Arc::new(Signal {
            id,
            is_woken: AtomicBool::new(false),
            is_announced: AtomicBool::new(false),
            is_others: AtomicBool::new(false),
            is_told: AtomicBool::new(false),
        });
        Self {
            signal,
            of_watched: None,
            of_others: None,
            outdated: Vec::new(),
        }
    }

    pub(super) fn signal(&self) -> &Arc<Signal> {
        &self.signal
    }

    /// The task is polled with this waker. Returns the one to poll it with.
    pub(super) fn begin_poll(&mut self, real: &Waker) -> Waker {
        self.signal.begin_poll();
        self.outdated.retain(|waker| Arc::strong_count(waker) > 1);
        if !self
            .of_others
            .as_ref()
            .is_some_and(|own| own.real.will_wake(real))
        {
            self.outdated.extend(self.of_others.take());
        }
        let signal = &self.signal;
        let of_others = self.of_others.get_or_insert_with(|| {
            self.of_watched = Some(Arc::new(OfWatched {
                real: real.clone(),
                signal: Arc::clone(signal),
            }));
            Arc::new(OfOthers {
                real: real.clone(),
                signal: Arc::clone(signal),
            })
        });
        Waker::from(Arc::clone(of_others))
    }

    /// Nobody who has not called it yet counts as one who did.
    pub(super) fn forget_calls_of_others(&self) {
        self.signal.is_others.store(false, Ordering::SeqCst);
    }

    /// Whether somebody without a watched operation has woken the task since it was suspended last.
    pub(super) fn was_called_by_others(&self) -> bool {
        self.signal.is_others.load(Ordering::SeqCst)
    }

    /// How many copies of the waker there are that is not for watched operations.
    pub(super) fn copies(&self) -> usize {
        let all = self.of_others.iter().chain(&self.outdated);
        all.map(|waker| Arc::strong_count(waker) - 1).sum()
    }

    /// Whether this is the waker that the task is polled with.
    pub(super) fn is_own(&self, waker: &Waker) -> bool {
        let own = self.of_others.as_ref().map(Arc::as_ptr);
        own.is_some_and(|own| ptr::eq(own.cast(), waker.data()))
    }

    /// The waker for an operation that is watched; there is one while the task is polled.
    pub(super) fn for_watched(&self) -> Waker {
        self.of_watched.as_ref().map_or_else(
            || Waker::noop().clone(),
            |waker| Waker::from(Arc::clone(waker)),
        )
    }

    /// What wakes the task without a trace.
    pub(super) fn real(&self) -> Option<Waker> {
        self.of_watched.as_ref().map(|waker| waker.real.clone())
    }

    /// The task is over: whoever still has a waker wakes nobody.
    pub(super) fn end(&mut self) {
        self.of_watched = None;
        self.of_others = None;
        self.outdated.clear();
    }
}
