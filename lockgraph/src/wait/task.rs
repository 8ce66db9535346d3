//! What tasks do to those that share a thread with them.

use model::finding::{Certainty, Finding, Label, Object, Role, Severity, Step};
use model::site::{Caller, Origin, Site};
use model::slug;

use super::knot::{Knot, Knotted};
use super::need::Wait;
use crate::held::Held;
use crate::order::Who;

/// The warning that a task was suspended at this await while it held a lock that blocks threads. `None` where the await is
/// not known.
#[must_use]
pub fn guard_across_await(who: &Who, held: &Held, suspended: Option<Caller>) -> Finding {
    let told = |who: &Who| {
        let message = format!("{} is suspended while it holds {{0}}", who.words());
        let mut finding = Finding::new(slug::GUARD_ACROSS_AWAIT, Certainty::Observed, message);
        finding.severity = Severity::Warning;
        let site = Site::from(held.site);
        finding.objects = vec![object(held)];
        label(&mut finding, Role::Primary, &site, who, "locks {0} here");
        if let Some(suspended) = suspended {
            let text = "is suspended here, and still holds it";
            label(
                &mut finding,
                Role::Primary,
                &Site::from(suspended),
                who,
                text,
            );
        }
        finding
    };
    let mut finding = told(who);
    finding.notes = vec![
        "another task that asks for {0} meanwhile blocks its thread, and all tasks that run on it"
            .to_owned(),
    ];
    finding.helps =
        vec!["drop the guard before the `.await`, or use the runtime's own lock".to_owned()];
    finish(finding, &told(&who.without_number()), who)
}

/// The warning that a task has blocked its thread, for so many milliseconds, with this wait.
#[must_use]
pub fn blocking(who: &Who, wait: &Wait, milliseconds: u128) -> Finding {
    let told = |who: &Who| {
        let knot = Knot {
            threads: vec![Knotted {
                thread: model::id::ThreadId::default(),
                who: who.clone(),
                wait: wait.clone(),
                retakes: false,
                turn: 0,
            }],
            orphans: Vec::new(),
            is_certain: false,
            permits: Vec::new(),
        };
        let message = format!(
            "{} blocked its thread for {milliseconds} ms: it {}",
            who.words(),
            knot.words_of_first()
        );
        let mut finding = Finding::new(slug::BLOCKING_IN_TASK, Certainty::Observed, message);
        finding.severity = Severity::Warning;
        let shown = knot.told();
        (finding.objects, finding.labels, finding.steps) =
            (shown.objects, shown.labels, shown.steps);
        finding
    };
    let mut finding = told(who);
    finding.notes = vec!["no other task of that thread could run meanwhile".to_owned()];
    finding.helps = vec![
        "use the runtime's own lock or channel, or move the call to `spawn_blocking`".to_owned(),
    ];
    finish(finding, &told(&who.without_number()), who)
}

/// The error that something was left undone when an operation was cancelled at this of its awaits, counted from 1. `asked`
/// is where it was asked for that.
#[must_use]
pub fn cancelled(who: Option<&Who>, number: u64, place: Option<Caller>, asked: Caller) -> Finding {
    let message = match place {
        Some(_) => "an operation that is cancelled at an await leaves something undone".to_owned(),
        None => format!("an operation that is cancelled at await {number} leaves something undone"),
    };
    let mut finding = Finding::new(slug::CANCELLED_MID_OPERATION, Certainty::Observed, message);
    if let Some(place) = place {
        let text = "the operation is cancelled here";
        finding
            .labels
            .push(Label::new(Role::Primary, Site::from(place), text));
    }
    let role = if place.is_some() {
        Role::Secondary
    } else {
        Role::Primary
    };
    let text = "the invariant that is given here does not hold after that";
    finding
        .labels
        .push(Label::new(role, Site::from(asked), text));
    finding.notes = vec![format!(
        "it was await {number} of the operation, counted as it suspends"
    )];
    finding.helps = vec![
        "keep unfinished work where the next attempt finds it, or do the last step without an await".to_owned(),
    ];
    finding.test = who.and_then(Who::test_name).map(str::to_owned);
    finding.with_fingerprint()
}

/// The fingerprint is that of the same without numbers, which differ from run to run.
fn finish(mut finding: Finding, nameless: &Finding, who: &Who) -> Finding {
    finding.test = who.test_name().map(str::to_owned);
    finding.fingerprint = nameless.clone().with_fingerprint().fingerprint;
    finding
}

fn label(finding: &mut Finding, role: Role, site: &Site, who: &Who, text: &str) {
    let words = format!("{} {text}", who.words());
    finding.labels.push(Label::new(role, site.clone(), words));
    let step = Step::new(who.label(), site.clone(), text);
    finding.steps.push(step);
}

fn object(held: &Held) -> Object {
    let (name, created) = match held.origin {
        Origin::Named(name) => (Some(name.to_owned()), None),
        Origin::Created(caller) => (None, Some(Site::from(caller))),
    };
    Object::new(held.kind.word(), name, created, vec![Site::from(held.site)])
}

#[cfg(test)]
mod tests {
    use std::panic::Location;
    use std::sync::Arc;

    use model::event::Mode;
    use model::id::LockId;
    use model::kind::Kind;
    use model::site::Origin;

    use super::guard_across_await;
    use crate::held::Held;
    use crate::order::Who;

    fn task(number: &str) -> Who {
        Who {
            is_task: true,
            ..Who::new(Arc::from(number), Arc::from("a_test"))
        }
    }

    #[test]
    fn the_same_task_has_another_number_in_another_run() {
        let site = Location::caller();
        let held = Held {
            chain: 0,
            site,
            origin: Origin::Created(site),
            lock: LockId(1),
            mode: Mode::Exclusive,
            kind: Kind::Mutex,
        };
        let [one, other] = ["7", "9"].map(|number| guard_across_await(&task(number), &held, None));
        assert_eq!(one.fingerprint, other.fingerprint);
        assert_eq!(one.message, "task `7` is suspended while it holds {0}");
        assert_eq!(one.test.as_deref(), Some("a_test"));
    }
}
