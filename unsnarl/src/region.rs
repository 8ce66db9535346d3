//! Regions that a program declares to be atomic.

#[cfg(feature = "observe")]
use crate::recorder::races::regions::Inside;

/// Runs `region`, of which the program says that it is atomic: whatever other threads do meanwhile, it must be as if they
/// had done it before or after.
///
/// Nothing is locked. With the feature `check`, what threads read and write inside and outside of regions (atomics, what
/// locks protect, and the cells of [`crate::cell`]) is followed from the first region on; where something fits neither
/// before a region nor after it, the region and both sides are told, as `lost-update` or `check-then-act`. That takes
/// a step of the program through one lock for all threads, so declare regions in tests, or where they are few.
///
/// Regions inside regions are part of the outer one, and so are threads that a region starts, as long as it runs.
///
/// ```
/// use unsnarl::atomic_region;
/// use unsnarl::sync::Mutex;
///
/// fn withdraw(account: &Mutex<u32>, amount: u32) -> bool {
///     atomic_region("withdraw", || {
///         let mut balance = account.lock().unwrap();
///         let is_covered = *balance >= amount;
///         if is_covered {
///             *balance -= amount;
///         }
///         is_covered
///     })
/// }
///
/// assert!(withdraw(&Mutex::new(100), 70));
/// ```
#[inline]
#[track_caller]
pub fn atomic_region<R>(name: &'static str, region: impl FnOnce() -> R) -> R {
    #[cfg(feature = "observe")]
    let _inside = Inside::enter(name, std::panic::Location::caller());
    #[cfg(not(feature = "observe"))]
    let _ = name;
    region()
}
