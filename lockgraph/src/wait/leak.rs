//! Threads that are still there when their test is over.
//!
//! **Follows** goleak (Uber, 2018), but blames by where a thread was started and what it waits for, and not by a period of
//! grace alone: a wait that nobody who runs could end is for ever.

use model::finding::{Certainty, Finding, Label, Role};
use model::id::ThreadId;
use model::site::{Caller, Site};
use model::slug;
use rustc_hash::FxHashSet;

use super::WaitFor;
use super::knot::Knot;

/// A thread that is still there.
#[derive(Clone, Debug)]
pub struct Survivor {
    /// The thread.
    pub thread: ThreadId,
    /// Its name, or its number.
    pub name: String,
    /// Where it was started.
    pub started: Caller,
    /// The test that it was started in, if that has a name.
    pub test: Option<String>,
}

/// What becomes of a thread that is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prospect {
    /// It waits, and nobody who runs could end that.
    WaitsForEver,
    /// It waits, and a thread that runs might end that.
    Waits,
    /// It runs, or waits for something that is not watched.
    Runs,
}

impl WaitFor {
    /// What becomes of a thread, when the thread that asks will do nothing for it any more. A wake-up that was given and
    /// not yet taken does not count: whoever asks looks whether the thread moves.
    #[must_use]
    pub fn prospect(&self, thread: ThreadId, asker: Option<ThreadId>) -> Prospect {
        let Some(state) = self.threads.get(&thread) else {
            return Prospect::Runs;
        };
        let runs = |(&other, state): (&ThreadId, &super::Thread)| {
            Some(other) != asker && state.wait.is_none()
        };
        match &state.wait {
            None => Prospect::Runs,
            Some(_) if self.threads.iter().any(runs) => Prospect::Waits,
            Some(_) => Prospect::WaitsForEver,
        }
    }

    /// The finding that tells of a thread that is still there. `checked` is where it was asked for.
    #[must_use]
    pub fn leak(&self, survivor: &Survivor, prospect: Prospect, checked: Caller) -> Finding {
        let name = &survivor.name;
        let knot = self
            .knotted(survivor.thread, &FxHashSet::default())
            .map(|knotted| Knot {
                threads: vec![knotted],
                orphans: Vec::new(),
                is_certain: false,
            });
        let (words, wait) = match &knot {
            Some(knot) => (knot.words_of_first(), Some(knot.finding())),
            None => ("runs on".to_owned(), None),
        };
        let message = format!("thread `{name}` outlives its test: it {words}");
        let mut finding = Finding::new(slug::LEAKED_THREAD, Certainty::Observed, message);
        if let Some(wait) = wait {
            (finding.objects, finding.labels) = (wait.objects, wait.labels);
            finding.steps = wait.steps;
        }
        let started = format!("thread `{name}` is started here");
        let started = Label::new(Role::Primary, Site::from(survivor.started), started);
        finding.labels.insert(0, started);
        let checked = Label::new(
            Role::Secondary,
            Site::from(checked),
            "no thread is to be left of this",
        );
        finding.labels.push(checked);
        finding.notes = vec![note(prospect).to_owned()];
        finding.helps = vec![help(prospect).to_owned()];
        finding.test.clone_from(&survivor.test);
        finding.with_fingerprint()
    }
}

fn note(prospect: Prospect) -> &'static str {
    match prospect {
        Prospect::WaitsForEver => {
            "no thread that is watched still runs and could end its wait: it is leaked for certain"
        }
        Prospect::Waits => {
            "it was there when the time of grace was over; a thread that still runs might end its wait"
        }
        Prospect::Runs => {
            "it was there when the time of grace was over, and waits for nothing that is watched"
        }
    }
}

fn help(prospect: Prospect) -> &'static str {
    match prospect {
        Prospect::Runs => {
            "tell it to end, with a flag or a closed channel that it looks at, and join it"
        }
        _ => {
            "end its wait before the test ends (drop the last sender, notify, unlock), and join it"
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;
    use std::sync::Arc;

    use model::id::{LockId, ThreadId};
    use model::kind::Kind;
    use model::site::Origin;

    use super::{Prospect, Survivor};
    use crate::order::Who;
    use crate::wait::WaitFor;
    use crate::wait::need::{Deed, Need, Target, Wait};

    const ASKER: ThreadId = ThreadId(1);
    const WORKER: ThreadId = ThreadId(2);

    fn graph() -> WaitFor {
        let mut graph = WaitFor::default();
        for (thread, name) in [(ASKER, "t"), (WORKER, "worker")] {
            graph.begin(
                thread,
                Who {
                    thread: Arc::from(name),
                    test: Arc::from("t"),
                },
            );
        }
        graph
    }

    fn receive() -> Wait {
        let site = Location::caller();
        Wait {
            target: Target {
                id: LockId(7),
                kind: Kind::Channel,
                origin: Origin::Created(site),
            },
            need: Need::Anyone(Deed::Send),
            retake: None,
            site,
            held: Vec::new(),
        }
    }

    fn prospect(graph: &WaitFor) -> Prospect {
        graph.prospect(WORKER, Some(ASKER))
    }

    #[test]
    fn who_waits_while_nobody_else_runs_waits_for_ever() {
        let mut graph = graph();
        assert_eq!(prospect(&graph), Prospect::Runs);
        let _ = graph.wait(WORKER, receive());
        assert_eq!(prospect(&graph), Prospect::WaitsForEver);
        let _ = graph.awake(WORKER);
        assert_eq!(prospect(&graph), Prospect::Runs);
    }

    #[test]
    fn another_thread_that_runs_might_help() {
        let mut graph = graph();
        let _ = graph.wait(WORKER, receive());
        graph.begin(
            ThreadId(3),
            Who {
                thread: Arc::from("other"),
                test: Arc::from("u"),
            },
        );
        assert_eq!(prospect(&graph), Prospect::Waits);
    }

    #[test]
    fn the_finding_shows_where_it_was_started_and_where_it_waits() {
        let mut graph = graph();
        let _ = graph.wait(WORKER, receive());
        let survivor = Survivor {
            thread: WORKER,
            name: "worker".into(),
            started: Location::caller(),
            test: Some("t".into()),
        };
        let finding = graph.leak(&survivor, Prospect::WaitsForEver, Location::caller());
        let texts: Vec<&str> = finding
            .labels
            .iter()
            .map(|label| label.text.as_str())
            .collect();
        assert_eq!(
            texts,
            [
                "thread `worker` is started here",
                "thread `worker` waits for a message from {0} here",
                "no thread is to be left of this",
            ]
        );
        assert_eq!(
            finding.message,
            "thread `worker` outlives its test: it waits for a message from {0}"
        );
    }
}
