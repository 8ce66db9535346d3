//! Faults at points that the program names, and which faults have struck in the current round.

use std::collections::BTreeSet;
use std::fs;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use stress::fault::{Effect, file_name};

use super::inside::enter;
use super::noise;
use super::options::options;

/// How long a point holds a thread up in a campaign.
const DELAY: Duration = Duration::from_millis(3);

/// What a test wants to happen at a point.
#[derive(Clone, Debug)]
struct Armed {
    number: usize,
    test: Arc<str>,
    point: String,
    effect: Effect,
    delay: Duration,
}

static ARMED: Mutex<Vec<Armed>> = Mutex::new(Vec::new());
/// How many points were armed so far, and how many are.
static NEXT: AtomicUsize = AtomicUsize::new(0);
static COUNT: AtomicUsize = AtomicUsize::new(0);

fn armed() -> MutexGuard<'static, Vec<Armed>> {
    ARMED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The test that the current thread belongs to.
fn test() -> Arc<str> {
    let test = enter().map(|inside| Arc::clone(&inside.identity().who.test));
    test.unwrap_or_default()
}

/// From now on this happens at a point, in the test of the current thread. Returns a number for it.
pub(crate) fn arm(point: &str, effect: Effect, delay: Duration) -> usize {
    // Relaxed: numbers only need to be different.
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    armed().push(Armed {
        number,
        test: test(),
        point: point.to_owned(),
        effect,
        delay,
    });
    // SeqCst, here and below: threads that are started from here on see it.
    COUNT.fetch_add(1, Ordering::SeqCst);
    number
}

/// What was armed under this number does not happen any more.
pub(crate) fn disarm(number: usize) {
    armed().retain(|one| one.number != number);
    COUNT.fetch_sub(1, Ordering::SeqCst);
}

/// What happens to the current thread at a point, and how long that takes.
pub(crate) fn strike(point: &str, has_error: bool) -> Option<(Effect, Duration)> {
    if let Some(armed) = wanted(point) {
        return Some((armed.effect, armed.delay));
    }
    let effect = noise::effect(has_error)?;
    note(effect.at(point));
    Some((effect, DELAY))
}

fn wanted(point: &str) -> Option<Armed> {
    if COUNT.load(Ordering::SeqCst) == 0 {
        return None;
    }
    let test = test();
    let armed = armed();
    armed
        .iter()
        .find(|one| one.test == test && one.point == point)
        .cloned()
}

/// The faults that have struck in the current round.
static STRUCK: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// A fault has struck: kept in a file, whatever becomes of the process.
pub(super) fn note(fault: String) {
    let mut struck = STRUCK.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(folder) = &options().report_dir else {
        return;
    };
    if struck.insert(fault) {
        let lines: Vec<&str> = struck.iter().map(String::as_str).collect();
        // A campaign without it does not know what was needed.
        let _ = fs::write(folder.join(file_name(process::id())), lines.join("\n"));
    }
}

/// Another round begins.
pub(super) fn forget() {
    let mut struck = STRUCK.lock().unwrap_or_else(PoisonError::into_inner);
    if let (false, Some(folder)) = (struck.is_empty(), &options().report_dir) {
        struck.clear();
        let _ = fs::remove_file(folder.join(file_name(process::id())));
    }
}
