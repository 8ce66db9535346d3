//! The interleaving of an execution as steps that a person can read: those on objects that several threads use, and those
//! that went another way than they nearly always do.

use std::sync::atomic::Ordering;

use explore::op::{Act, Choice, Obj, Op, Outcome, Tid};
use explore::run::{Pick, Step as Taken};
use lockgraph::wait::need::Target;
use model::event::Mode;
use model::finding::{Finding, Label, Object, Role, Step};
use model::id::LockId;
use model::site::{Caller, Origin, Site};
use rustc_hash::FxHashMap;

use super::execution::Execution;
use crate::recorder::races::weak::Lag;

/// More steps than this are not shown, the first ones left out.
const MOST: usize = 60;

/// Writes the interleaving into a finding, whose objects are these.
pub(super) fn fill(finding: &mut Finding, known: &[LockId], execution: &Execution) {
    let shared = shared(execution);
    let mut objects: FxHashMap<Obj, usize> = FxHashMap::default();
    let mut steps = Vec::new();
    for (place, taken) in execution.run.steps().iter().enumerate() {
        let object = taken.op.object;
        let note = note(execution, place);
        let is_odd = taken.outcome == Some(Outcome::Spurious) || !note.is_empty();
        let matters = is_odd || shared.contains(&object);
        let Some(site) = taken.op.site.filter(|_| matters) else {
            continue;
        };
        let text = words(taken);
        if text.is_empty() {
            continue;
        }
        let number = *objects.entry(object).or_insert_with(|| {
            place_of(known, execution.target(object)).unwrap_or_else(|| {
                finding.objects.push(described(execution, object));
                finding.objects.len() - 1
            })
        });
        finding.objects[number].used.push(Site::from(site));
        let lag = execution.lags().iter().find(|lag| lag.at == place + 1);
        let thread = &execution.threads[taken.thread.index()].who.thread;
        finding.labels.extend(
            lag.into_iter()
                .flat_map(|lag| lag.labels(thread, site, number)),
        );
        steps.push(Step::new(
            &**thread,
            site.into(),
            text.replace("{}", &format!("{{{number}}}")) + &note,
        ));
    }
    let first = steps.len().saturating_sub(MOST);
    finding.schedule = steps.split_off(first);
}

/// The objects that more than one thread uses, or is about to.
fn shared(execution: &Execution) -> Vec<Obj> {
    let done = execution
        .run
        .steps()
        .iter()
        .map(|step| (step.thread, step.op));
    let threads = (0..).map(Tid).zip(execution.run.world.threads());
    let pending = threads.filter_map(|(tid, thread)| Some((tid, thread.pending?)));
    let mut users: FxHashMap<Obj, (Tid, bool)> = FxHashMap::default();
    for (thread, op) in done.chain(pending) {
        for object in op
            .objects()
            .into_iter()
            .filter(|&object| object != Obj::NONE)
        {
            let (first, is_shared) = users.entry(object).or_insert((thread, false));
            *is_shared |= *first != thread;
        }
    }
    let shared = users.into_iter().filter(|(_, (_, is_shared))| *is_shared);
    shared.map(|(object, _)| object).collect()
}

/// Where an object is among these.
fn place_of(known: &[LockId], object: Option<Target>) -> Option<usize> {
    let id = object.map(|object| object.id)?;
    known
        .iter()
        .position(|&one| one == id && id != LockId::NONE)
}

fn described(execution: &Execution, object: Obj) -> Object {
    let Some(target) = execution.target(object) else {
        return Object::default();
    };
    let (name, created) = match target.origin {
        Origin::Named(name) => (Some(name.to_owned()), None),
        Origin::Created(site) if !is_used_only(&target) => (None, Some(Site::from(site))),
        Origin::Created(_) => (None, None),
    };
    Object::new(target.kind.word(), name, created, Vec::new())
}

/// Whether its origin is only where it was used first.
fn is_used_only(target: &Target) -> bool {
    use model::kind::Kind;
    matches!(target.kind, Kind::Atomic | Kind::Thread | Kind::Scope)
}

/// What the schedule chose for a step besides its turn.
fn note(execution: &Execution, place: usize) -> String {
    let thread = execution.run.steps()[place].thread;
    let of_it = |pick: &&Pick| pick.at == place + 1 && pick.thread == thread;
    let pick = execution.run.picks().iter().find(of_it);
    match pick.map(|pick| pick.choice) {
        Some(Choice::Value) => {
            let lag = execution.lags().iter().find(|lag| lag.at == place + 1);
            lag.map(Lag::note).unwrap_or_default()
        }
        Some(Choice::Weak | Choice::Attempt) => ", for no reason".to_owned(),
        _ => String::new(),
    }
}

impl Lag {
    /// What is told of it beside its step.
    fn note(&self) -> String {
        let (old, missed) = (self.old(), self.missed());
        let line = self.store.site.line();
        format!(
            ": {old}, although {missed} was stored at line {line}: {}",
            self.reason()
        )
    }

    fn reason(&self) -> String {
        if self.load == Ordering::Relaxed || self.store.order == Ordering::Relaxed {
            "`Relaxed` orders nothing".to_owned()
        } else {
            format!("`{:?}` waits for no store", self.load)
        }
    }

    /// What is told of it beside the source.
    fn labels(&self, thread: &str, site: Caller, object: usize) -> [Label; 2] {
        let (old, missed) = (self.old(), self.missed());
        let (load, store) = (self.load, self.store.order);
        let reads =
            format!("thread `{thread}` still reads {old} from {{{object}}} here, with `{load:?}`");
        let stores = format!("{missed} was stored here before, with `{store:?}`");
        [
            Label::new(Role::Secondary, site.into(), reads),
            Label::new(Role::Secondary, self.store.site.into(), stores),
        ]
    }
}

/// What a step does, with `{}` for its object; empty if it is not worth showing.
fn words(step: &Taken) -> &'static str {
    let failed = step.outcome == Some(Outcome::Failed);
    let timed_out = step.outcome == Some(Outcome::TimedOut);
    let for_nothing = step.outcome == Some(Outcome::Spurious);
    let Op { act, .. } = step.op;
    match act {
        Act::Lock(_) if step.outcome.is_none() => "queues up for {}",
        Act::Lock(Mode::Exclusive) => "locks {}",
        Act::Lock(Mode::Shared) => "locks {} to read",
        Act::TryLock(_) if failed => "tries to lock {}, in vain",
        Act::TryLock(_) => "tries to lock {}, and does",
        Act::Unlock(_) => "unlocks {}",
        Act::Wait { .. } => "sleeps on {}",
        Act::Wake { .. } if timed_out => "wakes from {} by timeout",
        Act::Wake { .. } if for_nothing => "wakes from {} for no reason",
        Act::Wake { .. } => "wakes from {}",
        Act::Notify { all: false } => "notifies one sleeper of {}",
        Act::Notify { all: true } => "notifies all sleepers of {}",
        Act::Send | Act::TrySend if failed => "tries to send into {}, in vain",
        Act::Send | Act::TrySend => "sends into {}",
        Act::Recv { .. } if timed_out => "waits for {} in vain",
        Act::TryRecv if failed => "finds {} empty",
        Act::Recv { .. } | Act::TryRecv => "receives from {}",
        Act::Load => "reads {}",
        Act::Store => "writes {}",
        Act::Update if failed => "compares {}, in vain",
        Act::Update => "changes {}",
        Act::Fence => "passes a fence",
        Act::Park { .. } if timed_out => "waits to be unparked, in vain",
        Act::Park { .. } if for_nothing => "goes on for no reason, though nobody unparked it",
        Act::Park { .. } => "is unparked",
        Act::Unpark => "unparks a thread",
        Act::Touch => "arrives at {}",
        Act::Asleep => "goes on after {}",
        _ => "",
    }
}
