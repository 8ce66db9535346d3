//! Data races under control: what the race detector finds belongs to the execution.

use lockgraph::held::Held;
use lockgraph::order::Found;
use model::finding::Finding;

use super::current::with;

/// Whether one was found in this execution: what follows may only follow from it.
pub(crate) fn is_found() -> bool {
    with(|execution| execution.race.is_some())
}

/// One was found.
pub(crate) fn found(finding: Finding) {
    with(|execution| {
        execution.race.get_or_insert(finding);
    });
}

/// What may be one was found: the execution goes on.
pub(crate) fn suspected(finding: Finding) {
    let found = Found {
        finding,
        backtraces: Vec::new(),
    };
    with(|execution| execution.found.push(found));
}

/// Runs `f` on what the running thread holds.
pub(crate) fn held<R>(f: impl FnOnce(&[Held]) -> R) -> R {
    with(|execution| f(execution.running().held.held()))
}
