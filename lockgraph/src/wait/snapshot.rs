//! What every thread does at a moment, whether or not anything is wrong.

use model::finding::Finding;
use model::id::ThreadId;
use rustc_hash::FxHashSet;

use super::WaitFor;
use super::describe::Named;
use super::knot::Knot;

impl WaitFor {
    /// Every thread as it is now: those that wait, with all that they hold, as labels and steps of a finding, two of these
    /// for each other, of which the primary one says what a thread waits for. Those that do not wait are named in notes.
    #[must_use]
    pub fn snapshot(&self) -> Finding {
        let mut order: Vec<ThreadId> = self.threads.keys().copied().collect();
        order.sort_unstable();
        let all: FxHashSet<ThreadId> = order.iter().copied().collect();
        let knot = Knot {
            threads: (order.iter())
                .filter_map(|&thread| self.knotted(thread, &all))
                .collect(),
            orphans: Vec::new(),
            is_certain: true,
            permits: Vec::new(),
        };
        let mut snapshot = knot.told_with(Named::All);
        snapshot.message = format!(
            "{} threads, of which {} wait",
            all.len(),
            knot.threads.len()
        );
        let running = order.iter().filter_map(|thread| self.threads.get(thread));
        let running = running.filter(|state| state.wait.is_none());
        snapshot.notes = running.map(|state| state.who.words()).collect();
        snapshot.helps.clear();
        snapshot
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;
    use std::sync::Arc;

    use model::event::Mode;
    use model::finding::Role;
    use model::id::{LockId, ThreadId};
    use model::kind::Kind;
    use model::site::Origin;

    use crate::order::Who;
    use crate::wait::WaitFor;
    use crate::wait::need::{Need, Target, Wait};

    #[test]
    fn who_waits_is_told_with_all_it_holds_and_who_runs_is_named() {
        let mut graph = WaitFor::default();
        for (number, name) in [(1, "main"), (2, "worker")] {
            let thread: Arc<str> = Arc::from(name);
            graph.begin(ThreadId(number), Who::new(Arc::clone(&thread), thread));
        }
        let site = Location::caller();
        let target = Target {
            id: LockId(7),
            kind: Kind::Mutex,
            origin: Origin::Named("jobs"),
        };
        let wait = Wait {
            target,
            need: Need::Lock(Mode::Exclusive),
            site,
            held: Vec::new(),
            retake: None,
            also: Vec::new(),
        };
        let _ = graph.wait(ThreadId(2), wait);
        let snapshot = graph.snapshot();
        assert_eq!(snapshot.message, "2 threads, of which 1 wait");
        assert_eq!(snapshot.notes, ["thread `main`"]);
        assert_eq!(snapshot.labels.len(), 1);
        assert_eq!(snapshot.labels[0].role, Role::Primary);
        assert_eq!(snapshot.steps[0].text, "waits for {0} here");
    }
}
