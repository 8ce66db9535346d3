//! What every thread does at a moment, whether or not anything is wrong.

use model::finding::{Finding, Label, Role, Step};
use model::id::ThreadId;
use model::site::{Caller, Site};
use rustc_hash::FxHashSet;

use super::WaitFor;
use super::describe::Named;
use super::knot::Knot;

impl WaitFor {
    /// Every thread as it is now: those that wait, with all that they hold, as labels and steps of a finding, two of these
    /// for each other, of which the primary one says what a thread waits for. Tasks that wait for something else are where they
    /// were `suspended` last, if that is known. All others are named in notes.
    #[must_use]
    pub fn snapshot(&self, suspended: impl Fn(ThreadId) -> Option<Caller>) -> Finding {
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
        let tasks = self.threads.values().filter(|state| state.who.is_task);
        let (tasks, waits) = (tasks.count(), knot.threads.len());
        let threads = all.len() - tasks;
        snapshot.message = match tasks {
            0 => format!("{threads} threads, of which {waits} wait"),
            _ => format!("{threads} threads and {tasks} tasks, of which {waits} wait"),
        };
        snapshot.notes.clear();
        for thread in order {
            let state = &self.threads[&thread];
            if state.wait.is_some() {
                continue;
            }
            let Some(place) = suspended(thread).filter(|_| state.who.is_task) else {
                snapshot.notes.push(state.who.words());
                continue;
            };
            let text = "was suspended here last";
            let label = Label::new(Role::Primary, Site::from(place), text);
            let step = Step::new(state.who.label(), Site::from(place), text);
            snapshot.labels.push(label);
            snapshot.steps.push(step);
        }
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
        let snapshot = graph.snapshot(|_| None);
        assert_eq!(snapshot.message, "2 threads, of which 1 wait");
        assert_eq!(snapshot.notes, ["thread `main`"]);
        assert_eq!(snapshot.labels.len(), 1);
        assert_eq!(snapshot.labels[0].role, Role::Primary);
        assert_eq!(snapshot.steps[0].text, "waits for {0} here");
    }

    #[test]
    fn a_task_that_waits_for_a_timer_is_where_it_was_suspended() {
        let mut graph = WaitFor::default();
        let name: Arc<str> = Arc::from("3");
        let who = Who {
            is_task: true,
            ..Who::new(Arc::clone(&name), name)
        };
        graph.begin(ThreadId(3), who);
        let place = Location::caller();
        let snapshot = graph.snapshot(|_| Some(place));
        assert!(snapshot.notes.is_empty());
        assert_eq!(snapshot.message, "0 threads and 1 tasks, of which 0 wait");
        assert_eq!(snapshot.labels[0].text, "was suspended here last");
        assert_eq!(snapshot.labels[0].site.line, place.line());
    }
}
