//! `std::sync::Condvar`, watched.

use std::fmt;
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LockResult, PoisonError, WaitTimeoutResult};
use std::time::Duration;

use model::event::Mode;
use model::kind::Kind;
use model::profile::Why;
use model::site::Caller;
use stress::fault::Fault;
use stress::point::Deed;

use super::mutex::{Mutex, MutexGuard};
use super::tag::Tag;
use crate::recorder::noise;
use crate::recorder::profile;
use crate::recorder::seats::Poke;
use crate::recorder::waits::{self, Waiting};
use crate::time::Instant;

/// The watched form of [`std::sync::Condvar`].
///
/// ```
/// use unsnarl::sync::{Condvar, Mutex};
/// use unsnarl::thread;
///
/// static READY: Mutex<bool> = Mutex::new(false);
/// static CHANGED: Condvar = Condvar::new();
///
/// thread::spawn(|| {
///     *READY.lock().unwrap() = true;
///     CHANGED.notify_one();
/// });
/// let ready = CHANGED.wait_while(READY.lock().unwrap(), |ready| !*ready).unwrap();
/// assert!(*ready);
/// ```
pub struct Condvar {
    tag: Tag,
    /// How many threads sleep on it without timeout: nobody else needs to hear of a notification.
    sleepers: AtomicU32,
    /// How many notifications there were: tells a notified thread from one woken to be told of a hang.
    notifications: AtomicU32,
    inner: std::sync::Condvar,
}

impl Condvar {
    /// A new condition variable. See [`std::sync::Condvar::new`].
    #[inline]
    #[must_use]
    #[track_caller]
    pub const fn new() -> Self {
        Self {
            tag: Tag::new(Kind::Condvar, Location::caller()),
            sleepers: AtomicU32::new(0),
            notifications: AtomicU32::new(0),
            inner: std::sync::Condvar::new(),
        }
    }

    /// Sleeps until notified. See [`std::sync::Condvar::wait`].
    ///
    /// # Errors
    ///
    /// If the mutex is poisoned; the error has the guard.
    ///
    /// # Panics
    ///
    /// If the thread would sleep for ever, or the guard is of another mutex than before.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let site = Location::caller();
        controlled! {
            return self.wait_under_control(guard, None, site).map(|(guard, _)| guard).map_err(|poisoned| PoisonError::new(poisoned.into_inner().0));
        }
        if noise::fails(Fault::WakeUp) {
            let woken = self.wait_timeout(guard, Duration::ZERO);
            return woken
                .map(|(guard, _)| guard)
                .map_err(|poisoned| PoisonError::new(poisoned.into_inner().0));
        }
        let (mutex, inner) = leave(guard, site);
        let sleeping = Sleeping::on(self);
        let mut waiting = waits::sleep(self.tag.target(), mutex.tag().target(), site, self.poke());
        let locked = self.sleep(inner, &waiting);
        drop(sleeping);
        waiting.heed();
        drop(waiting);
        retake(mutex, locked, site)
    }

    /// Sleeps until notified, or told of a hang.
    fn sleep<'a, T>(
        &self,
        mut inner: std::sync::MutexGuard<'a, T>,
        waiting: &Waiting,
    ) -> LockResult<std::sync::MutexGuard<'a, T>> {
        // SeqCst here and where it is counted: a notification counted after this belongs to this wait.
        let before = self.notifications.load(Ordering::SeqCst);
        loop {
            inner = self.inner.wait(inner)?;
            if self.notifications.load(Ordering::SeqCst) != before || waiting.is_told() {
                return Ok(inner);
            }
            // Another sleeper was woken to be told of a hang.
        }
    }

    /// Sleeps while `condition` holds. See [`std::sync::Condvar::wait_while`].
    ///
    /// # Errors
    ///
    /// If the mutex is poisoned; the error has the guard.
    ///
    /// # Panics
    ///
    /// If the thread would sleep for ever.
    #[track_caller]
    pub fn wait_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut *guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// Sleeps until notified, at most for `dur`. See [`std::sync::Condvar::wait_timeout`].
    ///
    /// # Errors
    ///
    /// If the mutex is poisoned; the error has the guard.
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        dur: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let site = Location::caller();
        controlled! { return self.wait_under_control(guard, Some(dur), site); }
        let dur = noise::shortened(dur);
        let (mutex, inner) = leave(guard, site);
        let blocked = profile::blocked(site, Why::Notification, Kind::Condvar);
        let (locked, result) = match self.inner.wait_timeout(inner, dur) {
            Ok((inner, result)) => (Ok(inner), result),
            Err(poisoned) => {
                let (inner, result) = poisoned.into_inner();
                (Err(PoisonError::new(inner)), result)
            }
        };
        drop(blocked);
        match retake(mutex, locked, site) {
            Ok(guard) => Ok((guard, result)),
            Err(poisoned) => Err(PoisonError::new((poisoned.into_inner(), result))),
        }
    }

    /// Sleeps until notified, at most for `ms` milliseconds. See [`std::sync::Condvar::wait_timeout_ms`].
    ///
    /// # Errors
    ///
    /// If the mutex is poisoned; the error has the guard.
    #[deprecated(
        since = "0.1.0",
        note = "replaced by `Condvar::wait_timeout`, as in the standard library"
    )]
    #[track_caller]
    pub fn wait_timeout_ms<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        ms: u32,
    ) -> LockResult<(MutexGuard<'a, T>, bool)> {
        match self.wait_timeout(guard, Duration::from_millis(u64::from(ms))) {
            Ok((guard, result)) => Ok((guard, !result.timed_out())),
            Err(poisoned) => {
                let (guard, result) = poisoned.into_inner();
                Err(PoisonError::new((guard, !result.timed_out())))
            }
        }
    }

    /// Sleeps while `condition` holds, at most for `dur`. See [`std::sync::Condvar::wait_timeout_while`].
    ///
    /// # Errors
    ///
    /// If the mutex is poisoned; the error has the guard.
    #[track_caller]
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        dur: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        let start = now();
        while condition(&mut *guard) {
            let Some(rest) = left(dur, start) else {
                return Ok((guard, wait_result(true)));
            };
            guard = match self.wait_timeout(guard, rest) {
                // Time may be virtual, so the wait is the one to know.
                Ok((mut guard, result)) if result.timed_out() => {
                    let still = condition(&mut *guard);
                    return Ok((guard, wait_result(still)));
                }
                Ok((guard, _)) => guard,
                Err(poisoned) => return Err(poisoned),
            };
        }
        Ok((guard, wait_result(false)))
    }

    /// Sleeps under control, where the schedule decides who wakes, and time is virtual.
    #[cfg(feature = "explore")]
    fn wait_under_control<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Option<Duration>,
        site: Caller,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let (mutex, inner) = guard.into_parts();
        mutex.tag().leaving(Mode::Exclusive);
        let in_time = crate::controlled::condvar::wait(
            self.tag.target(),
            mutex.tag().target(),
            site,
            timeout,
            move || mutex.let_go(inner),
        );
        let result = wait_result(!in_time);
        match mutex.lock_granted() {
            Ok(guard) => Ok((guard, result)),
            Err(poisoned) => Err(PoisonError::new((poisoned.into_inner(), result))),
        }
    }

    /// Wakes one sleeper. See [`std::sync::Condvar::notify_one`].
    #[inline]
    #[track_caller]
    pub fn notify_one(&self) {
        controlled! {
            return crate::controlled::condvar::notify(self.tag.target(), false, Location::caller());
        }
        self.announce_notification(false);
        self.inner.notify_one();
    }

    /// Wakes all sleepers. See [`std::sync::Condvar::notify_all`].
    #[inline]
    #[track_caller]
    pub fn notify_all(&self) {
        controlled! {
            return crate::controlled::condvar::notify(self.tag.target(), true, Location::caller());
        }
        self.announce_notification(true);
        self.inner.notify_all();
    }

    #[inline]
    fn announce_notification(&self, all: bool) {
        self.tag.disturb(Deed::Give);
        // SeqCst, twice: see `sleep`.
        self.notifications.fetch_add(1, Ordering::SeqCst);
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            waits::woken(self.tag.id(), all);
        }
    }

    /// Wakes every sleeper, for one of them to be told of a hang.
    fn poke(&self) -> Poke {
        struct Sleeper(NonNull<std::sync::Condvar>);
        // SAFETY: a condition variable may be used from any thread.
        unsafe impl Send for Sleeper {}
        impl Sleeper {
            fn wake(&self) {
                // SAFETY: the recorder calls this only while the wait it belongs to is announced, and the sleeper
                // borrows the condition variable for all that time.
                unsafe { self.0.as_ref() }.notify_all();
            }
        }
        let sleeper = Sleeper(NonNull::from(&self.inner));
        Poke::Call(Box::new(move || sleeper.wake()))
    }
}

/// The standard library's result of a timed wait, which only its own waits can make.
fn wait_result(timed_out: bool) -> WaitTimeoutResult {
    let mutex = std::sync::Mutex::new(());
    let guard = mutex.lock().unwrap_or_else(PoisonError::into_inner);
    let wait = std::sync::Condvar::new().wait_timeout_while(guard, Duration::ZERO, |()| timed_out);
    wait.unwrap_or_else(PoisonError::into_inner).1
}

/// Gives a mutex up for a wait, and announces that it will be asked for again.
fn leave<'a, T>(
    guard: MutexGuard<'a, T>,
    site: Caller,
) -> (&'a Mutex<T>, std::sync::MutexGuard<'a, T>) {
    let (mutex, inner) = guard.into_wait();
    mutex.tag().acquire(Mode::Exclusive, site);
    mutex.tag().release();
    (mutex, inner)
}

/// The guard of a mutex that a wait took back.
fn retake<'a, T>(
    mutex: &'a Mutex<T>,
    locked: LockResult<std::sync::MutexGuard<'a, T>>,
    site: Caller,
) -> LockResult<MutexGuard<'a, T>> {
    mutex.tag().acquire(Mode::Exclusive, site);
    MutexGuard::of(mutex, locked)
}

/// Counts a thread among the sleepers while it lives.
struct Sleeping<'a>(&'a AtomicU32);

impl<'a> Sleeping<'a> {
    fn on(condvar: &'a Condvar) -> Self {
        // SeqCst, here and below: pairs with the load in `announce_notification`.
        condvar.sleepers.fetch_add(1, Ordering::SeqCst);
        Self(&condvar.sleepers)
    }
}

/// When a wait begins. `None` under control, where time passes only in waits, and looking at the clock would cost some.
fn now() -> Option<Instant> {
    controlled! { return None; }
    Some(Instant::now())
}

/// How much of the time of a wait that began then is left: all of it where the last one did not time out under control.
fn left(dur: Duration, start: Option<Instant>) -> Option<Duration> {
    match start {
        Some(start) => dur.checked_sub(start.elapsed()),
        None => Some(dur),
    }
}

impl Drop for Sleeping<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Default for Condvar {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
