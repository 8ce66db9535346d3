//! The bell of the monitor.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Whether there is something to look at.
static ALARM: Mutex<bool> = Mutex::new(false);
static RUNG: Condvar = Condvar::new();

/// Asks the monitor to have a look.
#[cold]
pub(super) fn ring() {
    let mut alarm = ALARM.lock().unwrap_or_else(PoisonError::into_inner);
    if !std::mem::replace(&mut *alarm, true) {
        RUNG.notify_one();
    }
}

/// Waits until the bell is rung, at most so long. Returns whether it was.
pub(super) fn wait(limit: Option<Duration>) -> bool {
    let alarm = ALARM.lock().unwrap_or_else(PoisonError::into_inner);
    let is_silent = |rung: &mut bool| !*rung;
    let mut alarm = match limit {
        None => RUNG
            .wait_while(alarm, is_silent)
            .unwrap_or_else(PoisonError::into_inner),
        Some(limit) => {
            let woken = RUNG.wait_timeout_while(alarm, limit, is_silent);
            woken.unwrap_or_else(PoisonError::into_inner).0
        }
    };
    std::mem::take(&mut *alarm)
}
