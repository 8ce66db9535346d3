//! Waits: told to the hang detector before they begin, and broken when nothing else can end them.

use std::thread::ThreadId as StdThreadId;
use std::time::Duration;
#[cfg(feature = "tasks")]
use std::time::Instant;

use lockgraph::wait::knot::Knot;
use lockgraph::wait::need::{Deed, Need, Target, Wait};
use lockgraph::wait::{Outlook, Woken};
use model::id::{LockId, ThreadId};
use model::site::Caller;

use super::inside::enter;
use super::profile::{self, Blocked};
use super::seats::{Poke, seats};
use super::state::with;
#[cfg(feature = "tasks")]
use super::tasks::{self, suspension};
use super::{alarm, ending, findings, monitor};

/// One, or all, of the threads that wait on an object are about to be woken.
#[cold]
pub(crate) fn woken(object: LockId, all: bool) {
    let _inside = enter();
    seats().graph.wake(object, all);
}

/// A thread is about to be unparked.
#[cold]
pub(crate) fn unparked(thread: StdThreadId) {
    let _inside = enter();
    let mut seats = seats();
    if let Some(thread) = seats.thread(thread) {
        seats.graph.unpark(thread);
    }
}

/// What the current thread waits on when it is parked.
pub(crate) fn park_id() -> LockId {
    enter().map_or(LockId::NONE, |inside| inside.identity().park)
}

/// A wait of the current thread, from before it blocks until it goes on.
#[must_use]
pub struct Waiting {
    thread: Option<ThreadId>,
    /// The lock that was announced for it, to be taken back if the wait is broken.
    asked: Option<LockId>,
    is_suspect: bool,
    _blocked: Blocked,
    /// The same, if it keeps a task from leaving its thread to others, and since when.
    #[cfg(feature = "tasks")]
    blocks_task: Option<(Wait, Instant)>,
}

/// Announces a wait without timeout, before it blocks.
///
/// # Panics
///
/// If the wait closes a knot that nobody outside it can undo: the thread is told instead of hanging.
#[track_caller]
pub fn wait(target: Target, need: Need, site: Caller, poke: Poke) -> Waiting {
    announce(target, need, None, site, poke)
}

/// Announces a sleep on a condition variable, which ends with taking `mutex` again; otherwise like [`wait`].
///
/// # Panics
///
/// As [`wait`].
#[track_caller]
pub(crate) fn sleep(condvar: Target, mutex: Target, site: Caller, poke: Poke) -> Waiting {
    announce(condvar, Need::Anyone(Deed::Notify), Some(mutex), site, poke)
}

#[track_caller]
fn announce(
    target: Target,
    need: Need,
    retake: Option<Target>,
    site: Caller,
    poke: Poke,
) -> Waiting {
    controlled! { crate::controlled::room::about_to_wait(target, need.clone()); }
    let mut waiting = Waiting {
        thread: None,
        asked: None,
        is_suspect: false,
        _blocked: profile::blocked(site, profile::reason(&need), target.kind),
        #[cfg(feature = "tasks")]
        blocks_task: None,
    };
    let Some(inside) = enter() else {
        return waiting;
    };
    monitor::start();
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
        retake,
        site,
        held: held.to_vec(),
        also: Vec::new(),
    };
    #[cfg(feature = "tasks")]
    if tasks::current().is_some() {
        waiting.blocks_task = Some((wait.clone(), Instant::now()));
    }
    let thread = inside.identity().id;
    let outlook = seats().begin_wait(thread, wait, poke);
    drop(inside);
    waiting.thread = Some(thread);
    match outlook {
        Outlook::Fine => {}
        Outlook::Knot(knot) if knot.is_certain && !is_scope => waiting.break_off(&knot),
        Outlook::Knot(_) => {
            waiting.is_suspect = true;
            alarm::ring();
        }
        Outlook::Unclear => alarm::ring(),
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
        if let Some(thread) = self.thread {
            seats().set_poke(thread, poke);
        }
    }

    /// Whether nobody can be seen to end the wait.
    fn is_stuck(&self) -> bool {
        let thread = self.thread.unwrap_or_default();
        seats().graph.knot_of(thread, Woken::Runs).is_some()
    }

    /// Panics if the thread was told that its wait is part of a hang. Called after each time it woke.
    #[track_caller]
    pub(crate) fn heed(&mut self) {
        let Some(thread) = self.thread else { return };
        let told = seats().take_told(thread);
        if let Some(message) = told {
            self.give_up(&message);
        }
    }

    /// Whether the thread was told something that it has not heeded yet.
    pub(crate) fn is_told(&self) -> bool {
        self.thread.is_some_and(|thread| seats().is_told(thread))
    }

    #[cold]
    #[track_caller]
    fn break_off(&mut self, knot: &Knot) {
        let message = findings::record_knot(knot);
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
            seats().end_wait(thread);
        }
        #[cfg(feature = "tasks")]
        if let Some((wait, since)) = self.blocks_task.take()
            && since.elapsed() >= suspension::PATIENCE
        {
            suspension::blocked(&wait, since.elapsed());
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.end();
    }
}
