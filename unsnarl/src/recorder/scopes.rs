//! Scopes: which threads each one has started.

use std::sync::{Mutex, MutexGuard, PoisonError};

use model::id::ThreadId;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::alarm;
use super::inside::enter;
use super::seats::seats;
use super::threads::Child;

/// The live scopes, by address.
static SCOPES: Mutex<FxHashMap<usize, Scope>> = Mutex::new(FxHashMap::with_hasher(FxBuildHasher));

/// A live scope.
#[derive(Default)]
struct Scope {
    /// The threads started in it.
    children: Vec<Child>,
    /// The thread that waits for them, once it does.
    owner: Option<ThreadId>,
}

fn scopes() -> MutexGuard<'static, FxHashMap<usize, Scope>> {
    SCOPES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread was started in a scope, maybe by another of its threads while its owner waits already.
pub(crate) fn join_scope(address: usize, child: &Child) {
    let _inside = enter();
    let mut scopes = scopes();
    let scope = scopes.entry(address).or_default();
    scope.children.push(child.clone());
    if let (Some(owner), Some(child)) = (scope.owner, child.id()) {
        seats().graph.wait_also_for(owner, child);
    }
}

/// The threads started in a scope so far, for the current thread that is about to wait for them.
pub(crate) fn leave_scope(address: usize) -> Vec<ThreadId> {
    let _inside = enter();
    let scopes = scopes();
    let Some(scope) = scopes.get(&address) else {
        return Vec::new();
    };
    scope.children.iter().filter_map(Child::id).collect()
}

/// The current thread has told that it waits for as many threads of its scope as had been started by then: it waits
/// also for those started since, and those still to come.
pub(crate) fn waits_for_scope(address: usize, told: usize) {
    let Some(inside) = enter() else { return };
    let owner = inside.identity().id;
    let mut scopes = scopes();
    let Some(scope) = scopes.get_mut(&address) else {
        return;
    };
    scope.owner = Some(owner);
    let late: Vec<ThreadId> = scope
        .children
        .iter()
        .filter_map(Child::id)
        .skip(told)
        .collect();
    for &child in &late {
        seats().graph.wait_also_for(owner, child);
    }
    if !late.is_empty() {
        // They may have got stuck before anybody knew that they are waited for.
        alarm::ring();
    }
}

/// All threads of a scope have ended. Returns them.
pub(crate) fn close_scope(address: usize) -> Vec<Child> {
    let _inside = enter();
    scopes().remove(&address).unwrap_or_default().children
}
