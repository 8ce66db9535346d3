//! `Once` of a model.

use std::fmt;
use std::sync::atomic::Ordering;

use super::atomic::AtomicBool;
use super::condvar::Condvar;
use super::mutex::{Mutex, held};

/// [`std::sync::Once`] in a model. It is never poisoned.
#[derive(Default)]
pub struct Once {
    is_completed: AtomicBool,
    /// Who holds it may run the call.
    turn: Mutex<()>,
    has_ended: Condvar,
}

/// [`std::sync::OnceState`] in a model.
#[derive(Debug)]
pub struct OnceState(());

impl OnceState {
    /// Whether an earlier call has panicked: never, in a model.
    #[must_use]
    pub fn is_poisoned(&self) -> bool {
        false
    }
}

impl Once {
    /// One whose call has not been made.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the call, unless that was done; waits if somebody is at it.
    #[track_caller]
    pub fn call_once<F: FnOnce()>(&self, f: F) {
        if self.is_completed() {
            return;
        }
        let turn = held(self.turn.lock());
        if !self.is_completed() {
            f();
            // Release, for the load of who finds it done.
            self.is_completed.store(true, Ordering::Release);
        }
        drop(turn);
        self.has_ended.notify_all();
    }

    /// The same: it is never poisoned.
    #[track_caller]
    pub fn call_once_force<F: FnOnce(&OnceState)>(&self, f: F) {
        self.call_once(|| f(&OnceState(())));
    }

    /// Whether the call was made.
    #[track_caller]
    pub fn is_completed(&self) -> bool {
        // Acquire: see the store.
        self.is_completed.load(Ordering::Acquire)
    }

    /// Waits until the call was made.
    #[track_caller]
    pub fn wait(&self) {
        let turn = held(self.turn.lock());
        drop(held(
            self.has_ended.wait_while(turn, |()| !self.is_completed()),
        ));
    }

    /// The same: it is never poisoned.
    #[track_caller]
    pub fn wait_force(&self) {
        self.wait();
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").finish_non_exhaustive()
    }
}
