//! Parking under control.

use std::thread::{Thread, ThreadId};
use std::time::Duration;

use explore::op::{Act, Choice, Op, Tid};
use model::site::Caller;

use super::current::with;
use super::deadline;
use super::execution::Execution;
use super::operation::operate_with;
use super::worker;

/// Waits to be unparked, or for `timeout`.
pub(crate) fn park(timeout: Option<Duration>, site: Caller) {
    let until = timeout.map(|timeout| deadline::after(timeout, site));
    operate_with(|execution| {
        let object = execution.parking(execution.current, site);
        let by_itself = execution.happens(Choice::WakeUp);
        Op::new(Act::Park { until, by_itself }, object, Some(site))
    });
    with(|execution| execution.running().half.unparked());
}

/// The thread that the standard library calls so, if it is one of the execution.
fn called(execution: &Execution, thread: ThreadId) -> Option<Tid> {
    let mut threads = execution.run.world.threads().iter().zip(0..);
    let found = threads.find(|(known, _)| worker::is_known_as(known.key, thread));
    found.map(|(_, number)| Tid(number))
}

/// The key of the thread that the standard library calls so, if it is one of the execution.
pub(crate) fn key_of(thread: ThreadId) -> Option<u64> {
    with(|execution| Some(execution.run.world.thread(called(execution, thread)?).key))
}

/// Unparks a thread of the execution. Returns whether it is one.
pub(crate) fn unpark(thread: ThreadId, site: Caller) -> bool {
    let Some(target) = with(|execution| called(execution, thread)) else {
        return false;
    };
    with(|execution| execution.thread(target).half.unparking());
    operate_with(|execution| Op::new(Act::Unpark, execution.parking(target, site), Some(site)));
    true
}

/// What the standard library would call the running thread.
pub(crate) fn current() -> Thread {
    let (key, name) = with(|execution| {
        let key = execution.run.world.thread(execution.current).key;
        (key, execution.running().who.thread.to_string())
    });
    worker::known_as(key, &name)
}
