//! Who sleeps in the kernel (`futex(2)`): locks that are not made of the standard library's, such as parking_lot's, and
//! those of crates that are not watched. A sleep is one on a condition variable without mutex, so it is a step of the
//! schedule, ends when another thread of the run wakes it, and its timeout follows the virtual clock.
//!
//! Threads outside of the run may wake a sleeper, too, so where nobody can go on that is waited for, a while.

#![cfg_attr(
    not(all(target_os = "linux", target_env = "gnu")),
    allow(dead_code, reason = "elsewhere, nobody asks us for it")
)]

use std::panic::Location;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use explore::op::{Act, Deadline, Obj, Op, Outcome};
use explore::world::{Condvar, State};
use lockgraph::wait::need::Target;
use model::id::LockId;
use model::kind::Kind;
use model::site::Origin;

use super::current::with;
use super::execution::{Execution, Name};
use super::operation::{operate_unless_over, slip};
use crate::recorder::brief::Brief;

/// How often it is looked whether somebody outside has woken a sleeper when nobody can go on, and how long it is until the
/// next look.
const LOOKS: u32 = 1_000;
const PAUSE: Duration = Duration::from_millis(1);

const OBSTACLE: &str = "its threads wait for locks that are not `std`'s, and no thread of the test wakes them: perhaps a \
                        deadlock, perhaps something outside the run";

/// How many sleep under control.
static SLEEPERS: AtomicUsize = AtomicUsize::new(0);

/// More calls than this are not kept, repeated ones left out.
const MOST_CALLS: usize = 1_024;

/// Where threads outside of all runs have woken sleepers, and whether all of them, since somebody sleeps. A lock
/// of the standard library would make such calls itself.
static CALLS: Brief<Vec<(usize, bool)>> = Brief::new(Vec::new());

/// A sleep on the word at this address.
#[derive(Debug)]
pub(super) struct Sleep {
    address: usize,
    object: Obj,
}

impl Sleep {
    fn new(address: usize, object: Obj) -> Self {
        // SeqCst: whoever changes the word afterwards knows of it.
        if SLEEPERS.fetch_add(1, Ordering::SeqCst) == 0 {
            let none = Vec::with_capacity(MOST_CALLS);
            let old = std::mem::replace(&mut *CALLS.turn(), none);
            drop(old);
        }
        Self { address, object }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        SLEEPERS.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whether a thread of the run calls, and not the explorer between two of its steps.
pub(super) fn is_called_by_thread() -> bool {
    super::is_on() && with(|execution| execution.is_in_thread())
}

/// A thread that is not of the run wakes one sleeper of the word at this address, or all.
pub(super) fn called_from_outside(address: usize, all: bool) {
    if SLEEPERS.load(Ordering::SeqCst) == 0 {
        return;
    }
    let mut calls = CALLS.turn();
    // No memory is asked for here: an allocator may have locks that make such calls.
    if calls.len() < calls.capacity() && !calls.contains(&(address, all)) {
        calls.push((address, all));
    }
}

/// How a sleep ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// Somebody woke the thread.
    Woken,
    /// The word was another already.
    Late,
    TimedOut,
    /// The execution is over.
    Interrupted,
}

/// Sleeps until woken or for `timeout`, if this is still what the word at this address is.
#[cold]
pub(super) fn sleep(address: usize, expected: u32, timeout: Option<Duration>) -> End {
    let mutex = Obj::NONE;
    // In the same turn, the thread begins to sleep and sees whether it should have: nobody comes in between.
    let begun = operate_unless_over(|execution| {
        let object = execution.futex(address);
        Op::new(Act::Wait { mutex }, object, None)
    });
    if begun.is_none() {
        return End::Interrupted;
    }
    let (object, until) = with(|execution| {
        let object = execution.futex(address);
        execution.running().sleep = Some(Sleep::new(address, object));
        let until = timeout.map(|timeout| Deadline {
            at: execution.after(timeout.as_nanos()),
            is_early: false,
            clock: Obj::NONE,
        });
        (object, until)
    });
    // SAFETY: the caller of the kernel promised that the word is there, at least until it returns.
    let word = unsafe { AtomicU32::from_ptr(std::ptr::with_exposed_provenance_mut(address)) };
    let is_late = word.load(Ordering::SeqCst) != expected;
    let act = Act::Wake {
        mutex,
        until,
        by_itself: is_late,
    };
    let outcome = operate_unless_over(|_| Op::new(act, object, None));
    with(|execution| execution.running().sleep = None);
    match outcome {
        _ if is_late => End::Late,
        Some(Outcome::TimedOut) => End::TimedOut,
        Some(_) => End::Woken,
        None => End::Interrupted,
    }
}

/// Wakes one sleeper of the word at this address, or all. Returns how many of the run were woken.
#[cold]
pub(super) fn wake(address: usize, all: bool) -> usize {
    let mut woken = 0;
    slip(|execution| {
        let object = execution.known(Name::Futex(address))?;
        let sleepers = execution.run.world.sleepers(object);
        woken = if all { sleepers } else { sleepers.min(1) };
        (woken > 0).then(|| Op::new(Act::Notify { all }, object, None))
    });
    woken
}

impl Execution {
    fn is_in_thread(&mut self) -> bool {
        let thread = self.running();
        thread.fiber.is_none() && thread.suspender.is_some()
    }

    fn futex(&mut self, address: usize) -> Obj {
        let target = Target {
            id: LockId::NONE,
            kind: Kind::Condvar,
            origin: Origin::Created(Location::caller()),
        };
        self.object(Name::Futex(address), target, || {
            State::Condvar(Condvar::default())
        })
    }

    /// Nobody can go on. Waits for threads outside of the run to wake those that sleep in the kernel. Returns whether
    /// somebody was woken.
    pub(super) fn is_woken_from_outside(&mut self) -> bool {
        if self.threads.iter().all(|thread| thread.sleep.is_none()) {
            return false;
        }
        for _ in 0..LOOKS {
            if self.take_calls() {
                return true;
            }
            std::thread::sleep(PAUSE);
        }
        self.give_up(OBSTACLE);
        false
    }

    /// Wakes those that were woken from outside. Returns whether there are any.
    fn take_calls(&mut self) -> bool {
        let sleeps = self
            .threads
            .iter()
            .filter_map(|thread| thread.sleep.as_ref());
        let asleep: Vec<(usize, Obj)> = sleeps.map(|sleep| (sleep.address, sleep.object)).collect();
        let mut is_any = false;
        let world = &mut self.run.world;
        CALLS.turn().retain(|&(address, all)| {
            let sleeper = asleep.iter().find(|(known, _)| *known == address);
            let Some(&(_, object)) = sleeper else {
                return true;
            };
            is_any = true;
            world.notify(object, all);
            false
        });
        is_any
    }
}
