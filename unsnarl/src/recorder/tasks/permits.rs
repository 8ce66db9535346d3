//! Permits that were forgotten, and where: told where somebody waits in vain for one.

use std::sync::Mutex;

use lockgraph::wait::knot::Knot;
use model::id::LockId;
use model::site::Caller;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::lock;

/// For each semaphore the permits that are missing, and where each was forgotten.
static MISSING: Mutex<FxHashMap<LockId, Vec<(usize, Caller)>>> =
    Mutex::new(FxHashMap::with_hasher(FxBuildHasher));

/// Permits of a semaphore are forgotten here.
pub fn forgotten(semaphore: LockId, permits: usize, site: Caller) {
    lock(&MISSING)
        .entry(semaphore)
        .or_default()
        .push((permits, site));
}

/// So many permits of a semaphore are there again.
pub fn found(semaphore: LockId, mut permits: usize) {
    let mut missing = lock(&MISSING);
    let Some(list) = missing.get_mut(&semaphore) else {
        return;
    };
    // The oldest debt is paid first.
    list.retain_mut(|(owed, _)| {
        let paid = permits.min(*owed);
        permits -= paid;
        *owed -= paid;
        *owed > 0
    });
    if list.is_empty() {
        missing.remove(&semaphore);
    }
}

/// Where permits of a semaphore were forgotten that are missing still.
pub(in crate::recorder) fn missing(semaphore: LockId) -> Vec<(LockId, Caller)> {
    let missing = lock(&MISSING);
    let list = missing.get(&semaphore).into_iter().flatten();
    list.map(|&(_, site)| (semaphore, site)).collect()
}

/// The same knot, with the permits that are missing in it.
pub(in crate::recorder) fn explain(mut knot: Knot) -> Knot {
    let targets = knot
        .threads
        .iter()
        .flat_map(|knotted| knotted.wait.targets());
    knot.permits = targets.flat_map(missing).collect();
    knot.permits.sort_unstable();
    knot.permits.dedup();
    knot
}
