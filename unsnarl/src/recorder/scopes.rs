//! Scopes: which threads each one has started.

use std::sync::{Mutex, PoisonError};

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::inside::enter;
use super::threads::Child;

/// The threads started in each live scope, by the scope's address.
static SCOPES: Mutex<FxHashMap<usize, Vec<Child>>> =
    Mutex::new(FxHashMap::with_hasher(FxBuildHasher));

/// A thread was started in a scope.
pub(crate) fn join_scope(scope: usize, child: &Child) {
    let _inside = enter();
    SCOPES
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .entry(scope)
        .or_default()
        .push(child.clone());
}

/// A scope starts no more threads itself. Returns those it has started so far.
pub(crate) fn leave_scope(scope: usize) -> Vec<Child> {
    let _inside = enter();
    SCOPES
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .remove(&scope)
        .unwrap_or_default()
}
