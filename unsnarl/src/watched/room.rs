//! A state that threads sleep on until it changes, in a way that lets each of them be told of a hang.

#[cfg(feature = "explore")]
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::tag::Tag;
use crate::recorder::seats::Poke;
use crate::recorder::waits::{self, Waiting};

/// A small state and those who sleep on it.
pub(crate) struct Room<S> {
    state: Mutex<S>,
    changed: Condvar,
    /// How many threads sleep: a change is nobody else's business. Written with the state locked.
    sleepers: AtomicU32,
}

impl<S> Room<S> {
    pub(crate) const fn new(state: S) -> Self {
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            sleepers: AtomicU32::new(0),
        }
    }

    /// The state. Nothing that could wait may be called while it is held.
    pub(crate) fn state(&self) -> MutexGuard<'_, S> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes all sleepers of an object, after its state was changed.
    pub(crate) fn changed(&self, state: MutexGuard<'_, S>, tag: &Tag) {
        drop(state);
        controlled! { return crate::controlled::room::changed(tag.id()); }
        // Relaxed: whoever counted itself before the change did so with the state locked, and is seen; whoever does
        // after it sees the change.
        if self.sleepers.load(Ordering::Relaxed) > 0 {
            waits::woken(tag.id(), true);
            self.changed.notify_all();
        }
    }

    /// Sleeps until `is_over`. The wait was announced with [`Room::poke`].
    ///
    /// # Panics
    ///
    /// If the thread is told that its wait is part of a hang.
    #[track_caller]
    pub(crate) fn sleep_until(&self, mut waiting: Waiting, is_over: &dyn Fn(&S) -> bool) {
        controlled! {
            while !is_over(&self.state()) {
                crate::controlled::room::sleep(Location::caller());
            }
            return;
        }
        let mut state = self.state();
        // Relaxed, here and below: see `changed`.
        self.sleepers.fetch_add(1, Ordering::Relaxed);
        while !is_over(&state) && !waiting.is_told() {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        self.sleepers.fetch_sub(1, Ordering::Relaxed);
        drop(state);
        waiting.heed();
    }

    /// Wakes every sleeper, for one of them to be told of a hang.
    pub(crate) fn poke(&self) -> Poke {
        struct Sleeper(NonNull<Condvar>);
        // SAFETY: a condition variable may be used from any thread.
        unsafe impl Send for Sleeper {}
        impl Sleeper {
            fn wake(&self) {
                // SAFETY: the recorder calls this only while the wait it belongs to is announced, and the sleeper
                // borrows the room for all that time.
                unsafe { self.0.as_ref() }.notify_all();
            }
        }
        let sleeper = Sleeper(NonNull::from(&self.changed));
        Poke::Call(Box::new(move || sleeper.wake()))
    }
}
