//! What a task waits for while it is suspended.

use lockgraph::held::Held;
use lockgraph::wait::Outlook;
use lockgraph::wait::need::{Aim, Deed, Need, Target, Wait};
use lockgraph::wait::task::{blocking, guard_across_await};
use model::site::Caller;
use std::sync::Arc;
use std::time::Duration;

use super::{Task, claims, lock};
use crate::recorder::inside::enter;
use crate::recorder::profile::{self, Blocked};
use crate::recorder::seats::{Poke, seats};
use crate::recorder::state::with;
use crate::recorder::{alarm, findings, monitor};

/// A watched operation that a task awaits.
#[derive(Clone, Debug)]
pub struct Await {
    /// What on.
    pub target: Target,
    /// What would end it.
    pub need: Need,
    /// Where.
    pub site: Caller,
}

/// The watched operations of a task.
#[derive(Debug, Default)]
pub(super) struct Operations {
    /// Those that would wake it, each under a number.
    pub(super) pending: Vec<(u64, Await)>,
    next: u64,
    /// Whether it was seen to wait for several things at once.
    pub(super) has_branches: bool,
    /// Where it was suspended last, if that is known.
    pub(super) last: Option<Caller>,
    /// How many locks its thread held before it began to block on it.
    pub(super) held_before: usize,
}

/// A pending operation; it is no longer one when this is dropped.
pub struct Pending {
    task: Arc<Task>,
    number: u64,
    _blocked: Blocked,
}

impl Pending {
    /// The task awaits this now.
    pub fn new(task: Arc<Task>, awaited: Await) -> Self {
        let why = profile::reason(&awaited.need);
        let blocked = profile::awaiting(awaited.site, why, awaited.target.kind);
        let mut operations = lock(&task.operations);
        let number = operations.next;
        operations.next += 1;
        operations.pending.push((number, awaited));
        drop(operations);
        Self {
            task,
            number,
            _blocked: blocked,
        }
    }

    /// Whether it is this task's.
    pub fn is_of(&self, task: &Arc<Task>) -> bool {
        Arc::ptr_eq(&self.task, task)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let mut operations = lock(&self.task.operations);
        operations
            .pending
            .retain(|(number, _)| *number != self.number);
    }
}

/// How long a task may block its thread before that is told.
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);

/// The running task has blocked its thread so long.
pub(crate) fn blocked(wait: &Wait, time: Duration) {
    let Some(inside) = enter() else { return };
    let finding = blocking(&inside.identity().who, wait, time.as_millis());
    drop(inside);
    findings::record_hang(finding);
}

impl Task {
    /// The profiler hears that the task goes on, and what it had waited for.
    pub(super) fn note_resumption(&self) {
        if profile::is_on() {
            let operations = lock(&self.operations);
            let (waits, site) = (!operations.pending.is_empty(), operations.last);
            drop(operations);
            profile::resume(waits, site);
        }
    }

    /// The running task is about to be suspended. Returns what it is to panic with, if it would never go on.
    pub fn suspend(&self) -> Option<String> {
        self.let_go_of_dropped();
        let waking = lock(&self.waking);
        let signal = Arc::clone(waking.signal());
        let copies = waking.copies();
        let poke = waking.real();
        waking.forget_calls_of_others();
        drop(waking);
        let mut operations = lock(&self.operations);
        let waits = operations.pending.len() + copies;
        if waits > 1 || !signal.is_woken() {
            operations.has_branches = waits > 1;
        }
        operations.last = operations.pending.last().map(|(_, awaited)| awaited.site);
        let pending = operations.pending.iter().filter(|_| copies == 0);
        let pending: Vec<Await> = pending.map(|(_, awaited)| awaited.clone()).collect();
        let last = operations.last;
        drop(operations);
        self.look_at_held(last);
        if signal.is_woken() {
            return None;
        }
        let real = poke?;
        let teller = Arc::clone(&signal);
        let poke = Poke::Call(Box::new(move || {
            teller.tell();
            real.wake_by_ref();
        }));
        self.announce(pending, poke, &signal)
    }

    /// The task waits for these, of which any would do, and for nothing else.
    fn announce(
        &self,
        pending: Vec<Await>,
        poke: Poke,
        signal: &super::signal::Signal,
    ) -> Option<String> {
        let mut aims = pending.into_iter().map(|awaited| Aim {
            need: match awaited.need {
                Need::Lock(_) if claims::is_loose(awaited.target.id) => Need::Anyone(Deed::Release),
                need => need,
            },
            target: awaited.target,
            site: awaited.site,
        });
        let Aim { target, need, site } = aims.next()?;
        let inside = enter()?;
        monitor::start();
        let wait = Wait {
            target,
            need,
            retake: None,
            site,
            held: inside.held.held().to_vec(),
            also: aims.collect(),
        };
        signal.announce();
        let mut seats = seats();
        if signal.is_woken() {
            signal.withdraw();
            return None;
        }
        let outlook = seats.begin_suspension(self.id, wait, poke);
        drop(seats);
        drop(inside);
        match outlook {
            Outlook::Fine => None,
            Outlook::Knot(knot) if knot.is_certain => Some(findings::record_knot(&knot)),
            Outlook::Knot(_) | Outlook::Unclear => {
                alarm::ring();
                None
            }
        }
    }

    /// What the task, which was woken, is to panic with because it is part of a hang.
    pub fn heed(&self) -> Option<String> {
        let is_told = lock(&self.waking).signal().take_told();
        if !is_told {
            return None;
        }
        let _inside = enter();
        seats().take_told(self.id)
    }

    /// Locks that block threads are not to be held by a task that is suspended.
    fn look_at_held(&self, suspended: Option<Caller>) {
        let outer = lock(&self.operations).held_before;
        let blocking: Vec<Held> = with(|thread| {
            let held = thread.held.held().iter().skip(outer);
            held.filter(|held| !held.kind.suspends()).copied().collect()
        });
        if blocking.is_empty() {
            return;
        }
        let Some(inside) = enter() else { return };
        let who = inside.identity().who.clone();
        drop(inside);
        for held in &blocking {
            findings::record_hang(guard_across_await(&who, held, suspended));
        }
    }
}
