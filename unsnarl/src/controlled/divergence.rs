//! Whether a program does the same whenever it gets the same schedule: it is run twice, and the steps are compared.

use explore::op::{Act, Obj, Op};
use explore::run::{Run, Step};
use model::finding::{Certainty, Finding, Label, Role, Severity};
use model::slug;
use rustc_hash::FxHashMap;

/// Where two executions under the same schedule first differ; `None` if they do not.
pub(super) fn between(one: &Run, other: &Run) -> Option<Finding> {
    let (steps, others) = (one.steps(), other.steps());
    let mut objects = FxHashMap::default();
    let is_same = |(step, other): &(&Step, &Step)| is_same(step, other, &mut objects);
    let same = steps.iter().zip(others).take_while(is_same).count();
    if same == steps.len() && same == others.len() {
        return None;
    }
    Some(finding(same, [steps.get(same), others.get(same)]))
}

/// `objects` are those of one execution, with what they are called in the other: an object has its number by the order of
/// first use, and two atomics share one if one came where the other was freed, which is up to the allocator.
fn is_same(step: &Step, other: &Step, objects: &mut FxHashMap<Obj, Obj>) -> bool {
    let does = |step: &Step| {
        let act = std::mem::discriminant(&step.op.act);
        (step.thread, act, step.op.site, step.outcome)
    };
    let is_known_by_address = matches!(step.op.act, Act::Load | Act::Store | Act::Update);
    does(step) == does(other)
        && (is_known_by_address
            || *objects.entry(step.op.object).or_insert(other.op.object) == other.op.object)
}

fn finding(same: usize, steps: [Option<&Step>; 2]) -> Finding {
    let message =
        format!("the program does not do the same under the same schedule, from step {same} on");
    let mut finding = Finding::new(slug::NOT_DETERMINISTIC, Certainty::Observed, message);
    finding.severity = Severity::Warning;
    let runs = [(Role::Primary, "once"), (Role::Secondary, "the other time")];
    for ((role, when), step) in runs.into_iter().zip(steps) {
        match step.and_then(|step| Some((step, step.op.site?))) {
            Some((step, site)) => {
                let text = format!("{when}, thread {} {} here", step.thread, words(&step.op));
                finding.labels.push(Label::new(role, site.into(), text));
            }
            None => {
                let what = step.map_or("nothing more was done", |step| words(&step.op));
                finding.notes.push(format!("{when}: {what}"));
            }
        }
    }
    finding.with_fingerprint()
}

/// What an operation does.
fn words(op: &Op) -> &'static str {
    match op.act {
        Act::Lock(_) | Act::TryLock(_) => "locks",
        Act::Unlock(_) | Act::Downgrade => "unlocks",
        Act::Wait { .. } | Act::Wake { .. } | Act::Asleep | Act::Park { .. } => "waits",
        Act::Notify { .. } | Act::Unpark => "wakes another",
        Act::Send | Act::TrySend => "sends",
        Act::Recv { .. } | Act::TryRecv => "receives",
        Act::Load => "reads",
        Act::Store | Act::Update => "writes",
        Act::Join(_) | Act::JoinAll => "waits for threads to end",
        Act::Start(_) => "starts a thread",
        Act::End => "ends",
        _ => "goes on",
    }
}
