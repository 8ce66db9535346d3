//! Guards of locks that block threads, and that stay with their threads: which of them will never be dropped.

use lockgraph::held::Held;
use lockgraph::order::Who;
use lockgraph::wait::remnant::{Remnant, What};
use model::id::ThreadId;

use super::{lineage, watching};
use crate::recorder::inside::enter;
use crate::recorder::seats::seats;

/// What the current thread holds.
pub(super) fn held() -> Vec<Held> {
    enter().map_or_else(Vec::new, |inside| inside.held.held().to_vec())
}

/// What the current thread holds beside what it held before.
pub(super) fn held_since(before: &[Held]) -> Vec<Remnant> {
    let Some(inside) = enter() else {
        return Vec::new();
    };
    let mut before = before.to_vec();
    let mut held = inside.held.held().to_vec();
    held.retain(|one| {
        let known = before.iter().position(|old| old.lock == one.lock);
        known.map(|position| before.swap_remove(position)).is_none()
    });
    remnants(&inside.identity().who, held)
}

/// What descendants of a thread hold that have ended, if their numbers are not lower than this; and whether others are
/// about to end, which destroys their thread-locals.
pub(super) fn of_ended(ancestor: ThreadId, first: ThreadId) -> (Vec<Remnant>, bool) {
    let seats = seats();
    let graph = &seats.graph;
    let is_needed =
        |thread| graph.knows(thread) || graph.orphans().any(|orphan| orphan.thread == thread);
    let ended = lineage::ended_holding(ancestor, is_needed);
    let counts = |thread: ThreadId| thread >= first && ended.contains(&thread);
    let mut orphans: Vec<_> = graph
        .orphans()
        .filter(|orphan| counts(orphan.thread))
        .cloned()
        .collect();
    let are_some_ending = ended.iter().any(|&thread| graph.knows(thread));
    drop(seats);
    orphans.sort_by_key(|orphan| (orphan.thread, orphan.held.lock));
    let left = orphans.into_iter();
    let left = left.flat_map(|orphan| remnants(&orphan.who, vec![orphan.held]));
    (left.collect(), are_some_ending)
}

/// Guards of asynchronous locks may be anywhere, and a lock that is gone keeps nobody waiting.
fn remnants(who: &Who, held: Vec<Held>) -> Vec<Remnant> {
    let matters = |held: &Held| !held.kind.suspends() && watching::is_there(held.lock);
    let remnant = |held: Held| Remnant {
        who: who.clone(),
        what: What::Guard(held.mode),
        kind: held.kind,
        origin: held.origin,
        site: held.site,
    };
    held.into_iter().filter(matters).map(remnant).collect()
}
