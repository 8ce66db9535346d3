//! `std::thread`'s and `std::hint`'s ways to let others go first, watched.

use std::panic::Location;
use std::time::Duration;

use crate::recorder::profile;

/// Sleeps for at least `dur`; in an explored run, of virtual time. See [`std::thread::sleep`].
#[track_caller]
pub fn sleep(dur: Duration) {
    controlled! { return crate::controlled::pause::sleep(dur); }
    let _sleeping = profile::sleeping(Location::caller());
    std::thread::sleep(dur);
}

/// Sleeps for at least `ms` milliseconds; in an explored run, of virtual time. See [`std::thread::sleep_ms`].
#[deprecated(
    since = "0.1.0",
    note = "replaced by `sleep`, as in the standard library"
)]
#[track_caller]
pub fn sleep_ms(ms: u32) {
    sleep(Duration::from_millis(u64::from(ms)));
}

/// Lets other threads go first. See [`std::thread::yield_now`].
#[cfg(feature = "explore")]
#[track_caller]
pub fn yield_now() {
    controlled! { return crate::controlled::pause::give_way(); }
    std::thread::yield_now();
}

/// Says that the thread waits in a loop. See [`std::hint::spin_loop`].
#[cfg(feature = "explore")]
#[inline]
#[track_caller]
pub fn spin_loop() {
    controlled! { return crate::controlled::pause::give_way(); }
    std::hint::spin_loop();
}
