//! Where every thread sits: the hang detector of the process, and what is needed to act on its word.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId as StdThreadId;

use lockgraph::wait::need::Wait;
use lockgraph::wait::{Outlook, WaitFor};
use model::id::ThreadId;
use rustc_hash::FxHashMap;

use super::root::Root;
use super::system::{self, Tid};

/// The hang detector, and the seats of its threads.
#[derive(Default)]
pub(super) struct Seats {
    pub(super) graph: WaitFor,
    seats: FxHashMap<ThreadId, Seat>,
    by_std: FxHashMap<StdThreadId, ThreadId>,
}

/// What the operating system calls a thread, and how to reach it while it waits.
struct Seat {
    /// `None` for a task, which has no thread of its own.
    std: Option<StdThreadId>,
    tid: Option<Tid>,
    root: Option<Root>,
    /// Whether it runs a test in a session.
    runs_test: bool,
    poke: Poke,
    /// What it is to panic with when it wakes.
    told: Option<String>,
}

impl Seat {
    fn new(std: Option<StdThreadId>, tid: Option<Tid>, root: Option<Root>) -> Self {
        Self {
            std,
            tid,
            root,
            runs_test: false,
            poke: Poke::Never,
            told: None,
        }
    }
}

/// How a waiting thread can be woken to be told something.
pub enum Poke {
    /// It cannot.
    Never,
    /// It looks every few milliseconds.
    Looks,
    /// By a call that wakes it.
    Call(Box<dyn Fn() + Send>),
}

static SEATS: LazyLock<Mutex<Seats>> = LazyLock::new(Mutex::default);

/// The seats. Nothing that could wait may be called while they are held.
pub(super) fn seats() -> MutexGuard<'static, Seats> {
    SEATS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Seats {
    /// The current thread sits down.
    pub(super) fn sit(&mut self, thread: ThreadId, root: Option<Root>) {
        let std = std::thread::current().id();
        self.by_std.insert(std, thread);
        self.seats
            .insert(thread, Seat::new(Some(std), system::current_tid(), root));
    }

    /// A task gets a seat, which is nowhere while it does not run.
    #[cfg(feature = "tasks")]
    pub(super) fn sit_anywhere(&mut self, task: ThreadId) {
        self.seats.insert(task, Seat::new(None, None, None));
    }

    /// A task has the current thread for itself from now on.
    #[cfg(feature = "tasks")]
    pub(super) fn move_in(&mut self, task: ThreadId) {
        let std = std::thread::current().id();
        if let Some(seat) = self.seats.get_mut(&task) {
            (seat.std, seat.tid) = (Some(std), system::current_tid());
            self.by_std.entry(std).or_insert(task);
        }
    }

    /// A thread has ended.
    pub(super) fn leave(&mut self, thread: ThreadId) {
        if let Some(std) = self.seats.remove(&thread).and_then(|seat| seat.std)
            && self.by_std.get(&std) == Some(&thread)
        {
            self.by_std.remove(&std);
        }
    }

    pub(super) fn begin_wait(&mut self, thread: ThreadId, wait: Wait, poke: Poke) -> Outlook {
        #[cfg(feature = "tasks")]
        if let Some(seat) = self.seats.get_mut(&thread)
            && seat.std.is_none()
        {
            seat.tid = system::current_tid();
        }
        self.set_poke(thread, poke);
        let _ = self.take_told(thread);
        self.graph.wait(thread, wait)
    }

    /// As [`begin_wait`](Self::begin_wait), for a task that leaves its thread to others while it waits.
    #[cfg(feature = "tasks")]
    pub(super) fn begin_suspension(&mut self, task: ThreadId, wait: Wait, poke: Poke) -> Outlook {
        if let Some(seat) = self.seats.get_mut(&task)
            && seat.std.is_none()
        {
            seat.tid = None;
        }
        self.set_poke(task, poke);
        let _ = self.take_told(task);
        self.graph.wait(task, wait)
    }

    pub(super) fn end_wait(&mut self, thread: ThreadId) {
        self.set_poke(thread, Poke::Never);
        let _ = self.graph.awake(thread);
    }

    pub(super) fn set_poke(&mut self, thread: ThreadId, poke: Poke) {
        if let Some(seat) = self.seats.get_mut(&thread) {
            seat.poke = poke;
        }
    }

    /// The number of a thread of the standard library.
    pub(super) fn thread(&self, std: StdThreadId) -> Option<ThreadId> {
        self.by_std.get(&std).copied()
    }

    /// The operating system's numbers of all threads that are known.
    pub(super) fn tids(&self) -> Vec<Tid> {
        self.seats.values().filter_map(|seat| seat.tid).collect()
    }

    /// The thread with this number of the operating system's; a task that has it to itself comes after its thread.
    pub(super) fn thread_of(&self, tid: Tid) -> Option<ThreadId> {
        let seats = self.seats.iter();
        let of_it = seats.filter(|(_, seat)| seat.tid == Some(tid));
        of_it.map(|(&thread, _)| thread).min()
    }

    /// The operating system's number of a thread.
    pub(super) fn tid(&self, thread: ThreadId) -> Option<Tid> {
        self.seats.get(&thread)?.tid
    }

    /// What a thread is, if nobody watched it start.
    pub(super) fn root(&self, thread: ThreadId) -> Option<Root> {
        self.seats.get(&thread)?.root.clone()
    }

    /// Whether a thread runs a test in a session.
    pub(super) fn runs_test(&self, thread: ThreadId) -> bool {
        self.seats.get(&thread).is_some_and(|seat| seat.runs_test)
    }

    /// Whether any thread runs a test in a session.
    pub(super) fn has_tests(&self) -> bool {
        self.seats.values().any(|seat| seat.runs_test)
    }

    pub(super) fn set_runs_test(&mut self, thread: ThreadId, runs_test: bool) {
        if let Some(seat) = self.seats.get_mut(&thread) {
            seat.runs_test = runs_test;
        }
    }

    /// Whether a waiting thread can be told something.
    pub(super) fn can_tell(&self, thread: ThreadId) -> bool {
        self.seats
            .get(&thread)
            .is_some_and(|seat| !matches!(seat.poke, Poke::Never))
    }

    /// Wakes a waiting thread to panic with this message.
    pub(super) fn tell(&mut self, thread: ThreadId, message: &str) {
        let Some(seat) = self.seats.get_mut(&thread) else {
            return;
        };
        seat.told = Some(message.to_owned());
        if let Poke::Call(wake) = &seat.poke {
            wake();
        }
    }

    /// Whether a thread was told something.
    pub(super) fn is_told(&self, thread: ThreadId) -> bool {
        self.seats
            .get(&thread)
            .is_some_and(|seat| seat.told.is_some())
    }

    /// What a thread was told, once.
    pub(super) fn take_told(&mut self, thread: ThreadId) -> Option<String> {
        self.seats.get_mut(&thread)?.told.take()
    }
}
