//! What a thread has of the profiler: its own half of the engine, and samples that nobody has taken in yet.
//!
//! A thread works at its desk inside the recorder only, so that a global allocator that locks does not come back here.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::site::Caller;
use profile::heat::Heat;
use profile::local::Local;
use profile::sample::Sample;

#[cfg(feature = "tasks")]
use super::is_on;
use super::{now, shared};
use crate::recorder::inside::enter;
use crate::recorder::options::options;
use crate::recorder::state::step_in;

/// How many samples are brought to the shared half at once.
const MOST: usize = 256;

/// A thread's own part.
pub(super) struct Desk {
    /// That of the task, while the thread polls one.
    pub(super) local: Local,
    heat: Heat,
    /// Others take them when the process tells its profile.
    samples: Option<Samples>,
}

type Samples = Arc<Mutex<Vec<Sample>>>;

thread_local! {
    static DESK: RefCell<Desk> = const {
        RefCell::new(Desk { local: Local::new(), heat: Heat::new(0), samples: None })
    };
}

/// The samples of the threads that live.
static ALL: Mutex<Vec<Samples>> = Mutex::new(Vec::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The thread works at its desk, if it may: not at its end, and not under control.
pub(super) fn with(f: impl FnOnce(&mut Desk)) {
    let Some(_inside) = enter() else { return };
    let _ = DESK.try_with(|desk| {
        if let Ok(mut desk) = desk.try_borrow_mut() {
            f(&mut desk);
        }
    });
}

impl Desk {
    /// Puts a sample on it.
    pub(super) fn put(&mut self, sample: Sample) {
        put(self.samples(), sample);
    }

    /// The thread writes an atomic there.
    pub(super) fn write(&mut self, address: usize, site: Caller) {
        let least = least_writes();
        let _ = self.samples();
        let samples = self.samples.as_ref();
        let tell = |writes| {
            samples
                .into_iter()
                .for_each(|samples| put(samples, Sample::Written(writes)))
        };
        self.heat.write(address, site, least, now, tell);
    }

    /// Where its samples lie; the first call puts it among the others.
    fn samples(&mut self) -> &Samples {
        self.samples.get_or_insert_with(|| {
            self.heat = Heat::new(number());
            register()
        })
    }
}

fn least_writes() -> u64 {
    let limits = options().profile.as_ref();
    limits.map_or(u64::MAX, |limits| limits.writes.max(1))
}

/// A number for a thread.
fn number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    // Relaxed: numbers only need to be different.
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn register() -> Samples {
    let samples = Samples::default();
    lock(&ALL).push(Arc::clone(&samples));
    samples
}

fn put(samples: &Samples, sample: Sample) {
    let mut waiting = lock(samples);
    waiting.push(sample);
    if waiting.len() < MOST {
        return;
    }
    let full = std::mem::replace(&mut *waiting, Vec::with_capacity(MOST));
    drop(waiting);
    bring(full);
}

fn bring(samples: Vec<Sample>) {
    if let Some(shared) = &mut *shared() {
        samples.into_iter().for_each(|sample| shared.add(sample));
    }
}

/// Brings what is on all desks to the shared half.
pub(super) fn clear_all() {
    let all = lock(&ALL).clone();
    for samples in all {
        let samples = std::mem::take(&mut *lock(&samples));
        bring(samples);
    }
}

impl Drop for Desk {
    /// The thread ends.
    fn drop(&mut self) {
        let _inside = step_in();
        let Some(samples) = self.samples.take() else {
            return;
        };
        let tell = |writes| put(&samples, Sample::Written(writes));
        self.heat.end_stretch(least_writes(), tell);
        lock(&ALL).retain(|one| !Arc::ptr_eq(one, &samples));
        bring(std::mem::take(&mut *lock(&samples)));
    }
}

/// A task's own half of the profiler, while it does not run; a thread's, while it polls one.
#[cfg(feature = "tasks")]
#[derive(Default)]
pub(crate) struct Half(Local);

#[cfg(feature = "tasks")]
impl Half {
    /// Changes places with the one at this desk.
    pub(crate) fn swap(&mut self) {
        if is_on() {
            let _ = DESK.try_with(|desk| {
                if let Ok(mut desk) = desk.try_borrow_mut() {
                    std::mem::swap(&mut desk.local, &mut self.0);
                }
            });
        }
    }
}

/// The task that runs here is about to be suspended.
#[cfg(feature = "tasks")]
pub(crate) fn suspend() {
    if is_on() {
        with(|desk| desk.local.suspend(now()));
    }
}

/// The task that runs here from now on was suspended before. `waited`: only until others did something.
#[cfg(feature = "tasks")]
pub(crate) fn resume(waited: bool, site: Option<Caller>) {
    if is_on() {
        with(|desk| desk.local.resume(waited, site, now()));
    }
}
