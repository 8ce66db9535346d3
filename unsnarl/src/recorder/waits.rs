//! Waits: told to the hang detector before they begin, and broken when nothing else can end them.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId as StdThreadId;
use std::time::Duration;

use lockgraph::held::Held;
use lockgraph::order::Who;
use lockgraph::wait::knot::Knot;
use lockgraph::wait::need::{Need, Target, Wait};
use lockgraph::wait::{Outlook, WaitFor, Woken};
use model::id::{LockId, ThreadId};
use model::site::Caller;
use rustc_hash::FxHashMap;

use super::learn::enter;
use super::root::Root;
use super::system::{self, Tid};
use super::{ending, findings, monitor, with};

/// The hang detector of the process, and what is needed to act on its word.
#[derive(Default)]
pub(super) struct Waits {
    pub(super) graph: WaitFor,
    seats: FxHashMap<ThreadId, Seat>,
    by_std: FxHashMap<StdThreadId, ThreadId>,
}

/// Where a thread sits: what the operating system calls it, and how to reach it while it waits.
struct Seat {
    std: StdThreadId,
    tid: Option<Tid>,
    root: Option<Root>,
    poke: Option<Poke>,
    /// What it is to panic with when it wakes.
    told: Option<String>,
}

/// How a waiting thread can be woken to be told something.
pub(crate) enum Poke {
    /// It cannot.
    Never,
    /// It looks every few milliseconds.
    Looks,
    /// By a call that wakes it.
    Call(Box<dyn Fn() + Send>),
}

static WAITS: LazyLock<Mutex<Waits>> = LazyLock::new(Mutex::default);

/// The hang detector. Nothing that could wait may be called while it is held.
pub(super) fn waits() -> MutexGuard<'static, Waits> {
    WAITS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread begins, or is about to be started.
pub(super) fn begin(thread: ThreadId, who: Who) {
    waits().graph.begin(thread, who);
}

/// The current thread is this one.
pub(super) fn seat(thread: ThreadId, root: Option<Root>) {
    let std = std::thread::current().id();
    let seat = Seat {
        std,
        tid: system::current_tid(),
        root,
        poke: None,
        told: None,
    };
    let mut waits = waits();
    waits.by_std.insert(std, thread);
    waits.seats.insert(thread, seat);
}

/// A thread ends while it holds these locks.
pub(super) fn end(thread: ThreadId, held: &[Held]) {
    let mut waits = waits();
    let needs_look = waits.graph.end(thread, held);
    if let Some(seat) = waits.seats.remove(&thread) {
        waits.by_std.remove(&seat.std);
    }
    drop(waits);
    if needs_look {
        monitor::look();
    }
}

/// These locks are destroyed.
pub(super) fn retire(locks: &[LockId]) {
    let mut waits = waits();
    locks.iter().for_each(|&lock| waits.graph.retire(lock));
}

/// A lock was released by a thread that had been taken for ended.
pub(super) fn no_orphan(lock: LockId) {
    waits().graph.retire(lock);
}

/// One, or all, of the threads that wait on an object are about to be woken.
#[cold]
pub(crate) fn woken(object: LockId, all: bool) {
    let _inside = enter();
    waits().graph.wake(object, all);
}

/// A thread is about to be unparked.
#[cold]
pub(crate) fn unparked(thread: StdThreadId) {
    let _inside = enter();
    let mut waits = waits();
    if let Some(&thread) = waits.by_std.get(&thread) {
        waits.graph.unpark(thread);
    }
}

/// What the current thread waits on when it is parked.
pub(crate) fn park_id() -> LockId {
    enter().map_or(LockId::NONE, |inside| inside.identity().park)
}

/// A wait of the current thread, from before it blocks until it goes on.
#[must_use]
pub(crate) struct Waiting {
    thread: Option<ThreadId>,
    /// The lock that was announced for it, to be taken back if the wait is broken.
    asked: Option<LockId>,
    is_suspect: bool,
}

/// Announces a wait without timeout, before it blocks.
///
/// # Panics
///
/// If the wait closes a knot that nobody outside it can undo: the thread is told instead of hanging.
#[track_caller]
pub(crate) fn wait(target: Target, need: Need, site: Caller, poke: Poke) -> Waiting {
    let mut waiting = Waiting {
        thread: None,
        asked: None,
        is_suspect: false,
    };
    let Some(inside) = enter() else {
        return waiting;
    };
    let mut held = inside.held.held();
    if let (Need::Lock(_), Some((_asked, below))) = (&need, held.split_last()) {
        waiting.asked = Some(target.id);
        held = below;
    }
    // A panic does not get a thread out of its scope: somebody else has to be told.
    let is_scope = matches!(need, Need::Ends(_));
    let wait = Wait {
        target,
        need,
        site,
        held: held.to_vec(),
    };
    let thread = inside.identity().id;
    let outlook = waits().begin_wait(thread, wait, poke);
    drop(inside);
    waiting.thread = Some(thread);
    match outlook {
        Outlook::Fine => {}
        Outlook::Knot(knot) if knot.is_certain && !is_scope => waiting.break_off(&knot),
        Outlook::Knot(_) => {
            waiting.is_suspect = true;
            monitor::look();
        }
        Outlook::Unclear => monitor::look(),
    }
    waiting
}

/// How often a suspect wait is tried before the thread asks whether it is suspect still, and how long it waits each time.
const TRIES: u32 = 100;
const BETWEEN_TRIES: Duration = Duration::from_millis(1);

/// Waits for something that can be tried, or slept on in a way that nobody could interrupt: as long as the wait looks
/// like a hang it is tried, so that the thread can be told.
#[track_caller]
pub(crate) fn block<R>(
    target: Target,
    need: Need,
    site: Caller,
    mut attempt: impl FnMut() -> Option<R>,
    sleep: impl FnOnce() -> R,
) -> R {
    let mut waiting = wait(target, need, site, Poke::Never);
    if waiting.is_suspect {
        waiting.set_poke(Poke::Looks);
        while waiting.is_stuck() {
            for _ in 0..TRIES {
                if let Some(result) = attempt() {
                    return result;
                }
                std::thread::sleep(BETWEEN_TRIES);
                waiting.heed();
            }
        }
        waiting.set_poke(Poke::Never);
        waiting.heed();
    }
    sleep()
}

impl Waiting {
    fn set_poke(&self, poke: Poke) {
        let mut waits = waits();
        if let Some(seat) = self.thread.and_then(|thread| waits.seats.get_mut(&thread)) {
            seat.poke = Some(poke);
        }
    }

    /// Whether nobody can be seen to end the wait.
    fn is_stuck(&self) -> bool {
        let thread = self.thread.unwrap_or_default();
        waits().graph.knot_of(thread, Woken::Runs).is_some()
    }

    /// Panics if the thread was told that its wait is part of a hang. Called after each time it woke.
    #[track_caller]
    pub(crate) fn heed(&mut self) {
        let Some(thread) = self.thread else { return };
        let told = waits()
            .seats
            .get_mut(&thread)
            .and_then(|seat| seat.told.take());
        if let Some(message) = told {
            self.give_up(&message);
        }
    }

    /// Whether the thread was told something that it has not heeded yet.
    pub(crate) fn is_told(&self) -> bool {
        let Some(thread) = self.thread else {
            return false;
        };
        waits()
            .seats
            .get(&thread)
            .is_some_and(|seat| seat.told.is_some())
    }

    #[cold]
    #[track_caller]
    fn break_off(&mut self, knot: &Knot) {
        let message = findings::record_hang(knot.finding());
        self.give_up(&message);
    }

    /// Ends the wait with a panic, or the process where a panic would abort it anyway.
    #[cold]
    #[track_caller]
    fn give_up(&mut self, message: &str) -> ! {
        if std::thread::panicking() {
            ending::exit_now();
        }
        if let Some(asked) = self.asked {
            with(|thread| thread.held.release_any(asked));
        }
        self.end();
        panic!("unsnarl: {message}");
    }

    fn end(&mut self) {
        if let (Some(thread), _inside) = (self.thread.take(), enter()) {
            waits().end_wait(thread);
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.end();
    }
}

impl Waits {
    fn begin_wait(&mut self, thread: ThreadId, wait: Wait, poke: Poke) -> Outlook {
        if let Some(seat) = self.seats.get_mut(&thread) {
            seat.poke = Some(poke);
            seat.told = None;
        }
        self.graph.wait(thread, wait)
    }

    fn end_wait(&mut self, thread: ThreadId) {
        if let Some(seat) = self.seats.get_mut(&thread) {
            seat.poke = None;
        }
        let _ = self.graph.awake(thread);
    }

    /// The operating system's numbers of all threads that are known.
    pub(super) fn tids(&self) -> Vec<Tid> {
        self.seats.values().filter_map(|seat| seat.tid).collect()
    }

    /// The operating system's number of a thread.
    pub(super) fn tid(&self, thread: ThreadId) -> Option<Tid> {
        self.seats.get(&thread)?.tid
    }

    /// What a thread is, if nobody watched it start.
    pub(super) fn root(&self, thread: ThreadId) -> Option<Root> {
        self.seats.get(&thread)?.root.clone()
    }

    /// Whether a waiting thread can be told something.
    pub(super) fn can_tell(&self, thread: ThreadId) -> bool {
        let poke = self.seats.get(&thread).and_then(|seat| seat.poke.as_ref());
        poke.is_some_and(|poke| !matches!(poke, Poke::Never))
    }

    /// Wakes a waiting thread to panic with this message.
    pub(super) fn tell(&mut self, thread: ThreadId, message: &str) {
        let Some(seat) = self.seats.get_mut(&thread) else {
            return;
        };
        seat.told = Some(message.to_owned());
        if let Some(Poke::Call(wake)) = &seat.poke {
            wake();
        }
    }
}
