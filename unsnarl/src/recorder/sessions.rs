//! Sessions: a test says itself that the current thread runs it, whatever harness started it.
//!
//! A thread that has not used a watched object stays unknown to the engines: that a test runs is no reason to know it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::seats::seats;
use super::state::{step_in, with};

/// Whether the tests of this program say that they run.
static ARE_KNOWN: AtomicBool = AtomicBool::new(false);

/// The session around one that is open, if there is any.
#[derive(Debug)]
pub(crate) struct Outer(Option<Arc<str>>);

/// The current thread begins to run a test of this name.
pub(crate) fn open(test: &str) -> Outer {
    // Relaxed: it publishes nothing.
    ARE_KNOWN.store(true, Ordering::Relaxed);
    let test = Some(Arc::from(test));
    let outer = with(|thread| std::mem::replace(&mut thread.session, test));
    tell();
    Outer(outer)
}

/// The current thread has run the test, and goes on with what it did before.
pub(crate) fn close(outer: Outer) {
    let test = with(|thread| std::mem::replace(&mut thread.session, outer.0));
    tell();
    drop(test);
}

/// The test that the current thread runs, if that said so.
pub(crate) fn current() -> Option<Arc<str>> {
    with(|thread| thread.session.clone())
}

/// Whether the tests of this program say that they run: then a thread that says nothing is hardly one's.
pub(super) fn are_known() -> bool {
    // Relaxed: see `open`.
    ARE_KNOWN.load(Ordering::Relaxed)
}

/// Tells the engines, if they know the current thread, which test it runs now. The same locks are something new there.
fn tell() {
    let Some(mut inside) = step_in() else { return };
    let session = current();
    let runs_test = session.is_some();
    let identity = inside.identity_mut();
    identity.who.test = session.unwrap_or_else(|| Arc::clone(&identity.family));
    identity.segment.turn();
    let (thread, who) = (identity.id, identity.who.clone());
    let segment = identity.segment.number();
    inside.held.turn(segment);
    let mut seats = seats();
    seats.graph.rename(thread, who);
    seats.set_runs_test(thread, runs_test);
}
