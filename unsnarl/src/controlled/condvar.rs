//! Condition variables under control.

use std::time::Duration;

use explore::op::{Act, Choice, Obj, Op, Outcome};
use explore::world::{Condvar, State};
use lockgraph::held::{Alone, Held};
use lockgraph::wait::need::Target;
use model::event::{Attempt, Mode};
use model::site::Caller;

use super::current::with;
use super::deadline;
use super::execution::{Execution, Name};
use super::operation::{operate, operate_with};

/// Gives a mutex up and sleeps until notified, or for `timeout`; `unlock` gives the standard library's mutex up. Returns
/// whether the thread woke before the time was up; the mutex is its own again.
pub(crate) fn wait(
    condvar: Target,
    mutex: Target,
    site: Caller,
    timeout: Option<Duration>,
    unlock: impl FnOnce(),
) -> bool {
    let until = timeout.map(|timeout| deadline::after(timeout, site));
    operate_with(|execution| {
        let mutex = execution.lock(mutex);
        let object = execution.condvar(condvar);
        Op::new(Act::Wait { mutex }, object, Some(site))
    });
    unlock();
    let outcome = operate_with(|execution| {
        execution.running().held.release_any(mutex.id);
        let (object, mutex) = (execution.condvar(condvar), execution.lock(mutex));
        let by_itself = execution.happens(Choice::WakeUp);
        let act = Act::Wake {
            mutex,
            until,
            by_itself,
        };
        Op::new(act, object, Some(site))
    });
    with(|execution| {
        let held = Held {
            chain: 0,
            site,
            origin: mutex.origin,
            lock: mutex.id,
            mode: Mode::Exclusive,
            kind: mutex.kind,
        };
        execution.note_acquisition(held, Attempt::Blocking, Alone::Silent);
    });
    outcome != Outcome::TimedOut
}

/// Notifies one sleeper, or all.
pub(crate) fn notify(condvar: Target, all: bool, site: Caller) {
    let object = with(|execution| execution.condvar(condvar));
    operate(Act::Notify { all }, object, Some(site));
}

impl Execution {
    fn condvar(&mut self, target: Target) -> Obj {
        self.object(Name::Tag(target.id), target, || {
            State::Condvar(Condvar::default())
        })
    }
}
