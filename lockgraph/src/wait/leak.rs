//! Threads that are still there when their test is over.
//!
//! **Follows** goleak (Uber, 2018), but blames by where a thread was started and what it waits for, and not by a period of
//! grace alone: a wait that nobody who runs could end is for ever.

use model::finding::{Certainty, Finding, Label, Role};
use model::id::{LockId, ThreadId};
use model::site::{Caller, Site};
use model::slug;
use rustc_hash::FxHashSet;

use super::WaitFor;
use super::knot::{Knot, Knotted};
use crate::order::Who;

/// A thread, or a task, that is still there.
#[derive(Clone, Debug)]
pub struct Survivor {
    /// The thread.
    pub thread: ThreadId,
    /// What a report says of it.
    pub who: Who,
    /// Where it was started.
    pub started: Caller,
    /// Where it was suspended last, if it is a task that waits for more than the graph knows.
    pub suspended: Option<Caller>,
    /// Where permits were forgotten, if it waits for one: of which semaphore, and where.
    pub permits: Vec<(LockId, Caller)>,
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
        let told = |survivor| self.told_leak(survivor, prospect, checked);
        let mut finding = told(survivor);
        let nameless = Survivor {
            who: survivor.who.without_number(),
            ..survivor.clone()
        };
        finding.fingerprint = told(&nameless).with_fingerprint().fingerprint;
        finding
    }

    fn told_leak(&self, survivor: &Survivor, prospect: Prospect, checked: Caller) -> Finding {
        let name = survivor.who.words();
        let what = if survivor.who.is_task {
            "task"
        } else {
            "thread"
        };
        let knot = self
            .knotted(survivor.thread, &FxHashSet::default())
            .map(|knotted| Knot {
                threads: vec![Knotted {
                    who: survivor.who.clone(),
                    ..knotted
                }],
                orphans: Vec::new(),
                is_certain: false,
                permits: survivor.permits.clone(),
            });
        let (words, wait) = match &knot {
            Some(knot) => (knot.words_of_first(), Some(knot.finding())),
            None if survivor.suspended.is_some() => ("is suspended".to_owned(), None),
            None => ("runs on".to_owned(), None),
        };
        let message = format!("{name} outlives its test: it {words}");
        let slug = match survivor.who.is_task {
            _ if !survivor.permits.is_empty() => slug::LEAKED_PERMIT,
            true => slug::LEAKED_TASK,
            false => slug::LEAKED_THREAD,
        };
        let mut finding = Finding::new(slug, Certainty::Observed, message);
        if let Some(wait) = wait {
            (finding.objects, finding.labels) = (wait.objects, wait.labels);
            finding.steps = wait.steps;
        }
        if let Some(suspended) = survivor.suspended.filter(|_| knot.is_none()) {
            let text = format!("{name} was suspended here last");
            finding
                .labels
                .push(Label::new(Role::Primary, Site::from(suspended), text));
        }
        let started = format!("{name} is started here");
        let started = Label::new(Role::Primary, Site::from(survivor.started), started);
        finding.labels.insert(0, started);
        let checked = Label::new(
            Role::Secondary,
            Site::from(checked),
            format!("no {what} is to be left of this"),
        );
        finding.labels.push(checked);
        finding.notes = vec![note(prospect).to_owned()];
        finding.helps = vec![help(prospect).to_owned()];
        finding.test = survivor.who.test_name().map(str::to_owned);
        finding
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
            graph.begin(thread, Who::new(Arc::from(name), Arc::from("t")));
        }
        graph
    }

    fn receive() -> Wait {
        let site = Location::caller();
        Wait {
            target: Target {
                id: LockId(7),
                kind: Kind::Channel,
                origin: Origin::Named("inbox"),
            },
            need: Need::Anyone(Deed::Send),
            retake: None,
            site,
            held: Vec::new(),
            also: Vec::new(),
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
        graph.begin(ThreadId(3), Who::new(Arc::from("other"), Arc::from("u")));
        assert_eq!(prospect(&graph), Prospect::Waits);
    }

    #[test]
    fn the_finding_shows_where_it_was_started_and_where_it_waits() {
        let mut graph = graph();
        let _ = graph.wait(WORKER, receive());
        let survivor = Survivor {
            thread: WORKER,
            who: Who::new(Arc::from("worker"), Arc::from("t")),
            started: Location::caller(),
            suspended: None,
            permits: Vec::new(),
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
