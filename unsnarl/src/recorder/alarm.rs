//! The bell of the monitor.

use std::sync::{Condvar, Mutex, PoisonError};

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

/// Waits until the bell is rung.
pub(super) fn wait() {
    let alarm = ALARM.lock().unwrap_or_else(PoisonError::into_inner);
    let mut alarm = RUNG
        .wait_while(alarm, |rung| !*rung)
        .unwrap_or_else(PoisonError::into_inner);
    *alarm = false;
}
