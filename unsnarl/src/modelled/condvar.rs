//! Condition variables of a model: loom's, with waits whose time is over.

use std::sync::LockResult;
use std::time::Duration;

use loom::thread::yield_now;

use super::mutex::{MutexGuard, held};

/// [`std::sync::Condvar`] in a model.
///
/// A wait with a timeout lets the others go on, and then its time is over: loom has no time, and a thread that waits for a
/// notification only would look as if it waited for ever.
#[derive(Debug, Default)]
pub struct Condvar(loom::sync::Condvar);

/// [`std::sync::WaitTimeoutResult`] in a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// Whether the time was over.
    #[must_use]
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    /// A condition variable that nobody waits for.
    #[must_use]
    pub fn new() -> Self {
        Self(loom::sync::Condvar::new())
    }

    /// Waits for a notification.
    ///
    /// # Errors
    ///
    /// None, in a model.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        Ok(guard.wait(&self.0))
    }

    /// Waits as long as the condition holds.
    ///
    /// # Errors
    ///
    /// None, in a model.
    #[track_caller]
    pub fn wait_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// Lets others go on; then the time is over.
    ///
    /// # Errors
    ///
    /// None, in a model.
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        duration: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        self.wait_timeout_while(guard, duration, |_| true)
    }

    /// Lets others go on if the condition holds; then the time is over.
    ///
    /// # Errors
    ///
    /// None, in a model.
    #[track_caller]
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        _duration: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        let mut has_to_wait = condition(&mut guard);
        if has_to_wait {
            let (guarded, lock) = guard.split();
            drop(guarded);
            yield_now();
            guard = held(lock.lock());
            has_to_wait = condition(&mut guard);
        }
        Ok((guard, WaitTimeoutResult(has_to_wait)))
    }

    /// Wakes one who waits.
    #[track_caller]
    pub fn notify_one(&self) {
        self.0.notify_one();
    }

    /// Wakes all who wait.
    #[track_caller]
    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}
