//! What went wrong in an execution, as findings.

use explore::op::{Act, Op, Tid};
use explore::run::{Run, Starved, Turn};
use explore::shrink::Failure;
use explore::token::{Path, Policy};
use lockgraph::order::Found;
use model::finding::{Certainty, Finding, Label, Object, Role};
use model::id::LockId;
use model::site::{Origin, Site};
use model::slug;

use super::execution::Execution;
use super::panics::Panicked;
use super::table;
use crate::recorder::races::weak::orders::Place;

/// An execution that has ended.
pub(crate) struct Ended {
    /// What it did.
    pub(crate) run: Run,
    /// What went wrong.
    pub(crate) observed: Vec<Finding>,
    /// What could have.
    pub(crate) potential: Vec<Finding>,
    /// The thread whose panic is the failure, if it is one.
    pub(crate) culprit: Option<Tid>,
    /// Why the program cannot be explored.
    pub(crate) obstacle: Option<String>,
    /// Whether some load has shown an old value.
    pub(crate) has_lags: bool,
    /// The operations on atomics, if they were kept.
    pub(crate) places: Vec<Place>,
    /// Whether the thread of the operating system must not be used for another execution.
    pub(crate) is_spent: bool,
}

/// A finding, and what its objects are.
type Told = (Finding, Vec<LockId>);

/// A finding without objects, or of which nobody knows what they are.
fn alone(finding: Finding) -> Told {
    (finding, Vec::new())
}

/// What a panic says that only hands on another thread's.
const HANDED_ON: &[&str] = &["Any { .. }", "PoisonError", "a scoped thread panicked"];

impl Ended {
    /// The schedule, as a policy sees it, with the thread that fails.
    pub(crate) fn failure(&self, policy: Policy) -> Failure {
        let mut failure = self.run.failure(policy);
        if let Some(culprit) = self.culprit {
            failure.last = Path::of(&self.run.world, culprit);
        }
        failure
    }
}

impl Execution {
    /// What went wrong in this execution, which came to this end.
    pub(super) fn judge(&self, turn: Turn) -> Vec<Finding> {
        let mut findings: Vec<Told> = Vec::new();
        match turn {
            Turn::Stuck => findings.extend(self.deadlock()),
            Turn::Cut => findings.extend(self.endless()),
            _ => {}
        }
        #[cfg(unix)]
        findings.extend(self.crashed().map(alone));
        findings.extend(self.race.clone().map(alone));
        let panic = self.failed_panic().map(|panicked| self.panic(panicked));
        findings.extend(panic.map(alone));
        let is_complete = findings.is_empty() && self.obstacle.is_none() && turn != Turn::Cut;
        if is_complete && self.run.world.thread(Tid::MAIN).is_over && !self.main_panicked {
            findings.extend(self.leaks().into_iter().map(alone));
        }
        let told = findings.into_iter().map(|(mut finding, objects)| {
            finding.test = self.test_name();
            table::fill(&mut finding, &objects, self);
            finding
        });
        told.collect()
    }

    /// What locks could have done, by their orders.
    pub(super) fn take_potential(&mut self) -> Vec<Finding> {
        let found = std::mem::take(&mut self.found);
        let test = self.test_name();
        let finding = |Found { mut finding, .. }: Found| {
            finding.test.clone_from(&test);
            finding
        };
        found.into_iter().map(finding).collect()
    }

    /// Nobody can go on. Nothing outside the run could change that, so nothing has to be assumed.
    fn deadlock(&self) -> Option<Told> {
        let knot = self.knot()?;
        let mut finding = knot.finding();
        finding.notes.clear();
        Some((finding, knot.objects()))
    }

    fn test_name(&self) -> Option<String> {
        self.threads.first()?.who.test_name().map(str::to_owned)
    }

    /// The panic that nobody expected: that of the main thread, or else one that nobody heard of. The test harness knows
    /// nothing of the latter, and plain tests let threads panic on purpose.
    pub(super) fn failed_panic(&self) -> Option<&Panicked> {
        let has_failed = |panicked: &&Panicked| panicked.thread == Tid::MAIN && self.main_panicked;
        let of_main = self.panics.iter().rev().find(has_failed);
        let Some(last) = of_main else {
            return self
                .panics
                .iter()
                .find(|panicked| !panicked.is_known && panicked.thread != Tid::MAIN)
                .filter(|_| !self.is_plain);
        };
        let is_handed_on = HANDED_ON.iter().any(|words| last.message.contains(words));
        let origin = self
            .panics
            .iter()
            .find(|panicked| panicked.thread != Tid::MAIN);
        Some(origin.filter(|_| is_handed_on).unwrap_or(last))
    }

    fn panic(&self, panicked: &Panicked) -> Finding {
        let thread = &self.threads[panicked.thread.index()].who.thread;
        let mut lines = panicked.message.lines();
        let first = lines.next().unwrap_or_default();
        let message = format!("thread `{thread}` panics in one of its interleavings: {first}");
        let mut finding = Finding::new(slug::PANIC, Certainty::Observed, message);
        finding.test = self.test_name();
        if let Some(site) = &panicked.site {
            finding.labels = vec![Label::new(Role::Primary, site.clone(), "panics here")];
        }
        let rest: Vec<&str> = lines.collect();
        if !rest.is_empty() {
            finding.notes = vec![rest.join("\n")];
        }
        finding.with_fingerprint()
    }

    /// The threads would run on for ever: one is held up by the others, or they all are by each other. A long test that was
    /// not written to be explored must not be taken for an endless one.
    fn endless(&self) -> Option<Told> {
        if self.is_plain {
            return self
                .run
                .is_at_a_standstill()
                .then(|| alone(self.livelock()));
        }
        let starvation = self.run.starved().and_then(|it| self.starvation(it));
        let livelock = || self.run.is_livelock().then(|| alone(self.livelock()));
        starvation.or_else(livelock)
    }

    fn starvation(&self, starved: Starved) -> Option<Told> {
        let op = self.run.world.thread(starved.thread).pending?;
        let target = self.target(op.object)?;
        let (name, created) = match target.origin {
            Origin::Named(name) => (Some(name.to_owned()), None),
            Origin::Created(site) => (None, Some(Site::from(site))),
        };
        let site = Site::from(op.site?);
        let thread = &self.threads[starved.thread.index()].who.thread;
        let Starved { steps, passed, .. } = starved;
        let message = format!(
            "thread `{thread}` waits at {{0}} for {steps} steps, each thread in its turn, while others use it {passed} times"
        );
        let mut finding = Finding::new(slug::STARVATION, Certainty::Observed, message);
        let kind = target.kind.word();
        finding.objects = vec![Object::new(kind, name, created, vec![site.clone()])];
        finding.labels = vec![Label::new(Role::Primary, site, "waits here")];
        finding.labels.extend(self.passer(&op));
        Some((finding.with_fingerprint(), vec![target.id]))
    }

    /// Where others use what a starved thread waits for.
    fn passer(&self, op: &Op) -> Option<Label> {
        let last = self.run.steps().iter().rev();
        let mut uses = last.filter(|step| step.was_chosen && step.op.depends_on(op));
        let (thread, site) = uses.find_map(|step| Some((step.thread, step.op.site?)))?;
        let name = &self.threads[thread.index()].who.thread;
        let text = format!("`{name}` goes on here, again and again");
        Some(Label::new(Role::Secondary, site.into(), text))
    }

    fn livelock(&self) -> Finding {
        let count = self.run.steps().len() / 2;
        let message =
            format!("threads go on for {count} steps, each in its turn, and none gets anywhere");
        let mut finding = Finding::new(slug::LIVELOCK, Certainty::Observed, message);
        for (tid, thread) in (0..).map(Tid).zip(self.run.world.threads()) {
            let last = self
                .run
                .steps()
                .iter()
                .rev()
                .find(|step| step.thread == tid && step.op.site.is_some());
            let site = last
                .and_then(|step| step.op.site)
                .filter(|_| !thread.is_over);
            let is_parent = thread
                .pending
                .is_some_and(|op| matches!(op.act, Act::Join(_) | Act::JoinAll));
            if let Some(site) = site.filter(|_| !is_parent) {
                let name = &self.threads[tid.index()].who.thread;
                finding.labels.push(Label::new(
                    Role::Primary,
                    site.into(),
                    format!("`{name}` tries again and again"),
                ));
            }
        }
        finding.with_fingerprint()
    }
}
