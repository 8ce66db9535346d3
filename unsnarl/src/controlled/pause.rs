//! Threads that let others go first, or sleep: time is virtual, and passes when nobody can go on otherwise.

use std::panic::Location;
use std::time::Duration;

use explore::op::{Act, Obj};

use super::deadline;
use super::operation::operate;

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
    let until = deadline::after(duration, site);
    operate(Act::Sleep(until), Obj::NONE, Some(site));
}
