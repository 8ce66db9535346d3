//! Threads that let others go first, or sleep: time is virtual, and passes when nobody can go on otherwise.

use std::panic::Location;
use std::time::Duration;

use explore::op::{Act, Obj, Op};

use super::operation::{operate, operate_with};

/// Lets others go first.
#[track_caller]
#[cold]
pub(crate) fn give_way() {
    operate(Act::Yield, Obj::NONE, Some(Location::caller()));
}

/// Sleeps for so long.
#[track_caller]
#[cold]
pub(crate) fn sleep(duration: Duration) {
    let site = Location::caller();
    operate_with(|execution| {
        let until = execution.after(duration.as_nanos());
        Op::new(Act::Sleep(until), Obj::NONE, Some(site))
    });
}
