//! Lost updates in words.

use std::sync::atomic::Ordering;

use model::finding::{Certainty, Finding, Label, Object, Role, Severity};
use model::site::Site;
use model::slug;

/// An update in two operations, ready to be told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TwoSteps {
    /// The thread's name.
    pub thread: String,
    /// Where it loaded, and how.
    pub load: (Site, Ordering),
    /// Where it stored, and how.
    pub store: (Site, Ordering),
}

impl TwoSteps {
    /// An update by this thread.
    #[must_use]
    pub fn new(thread: impl Into<String>, load: (Site, Ordering), store: (Site, Ordering)) -> Self {
        Self {
            thread: thread.into(),
            load,
            store,
        }
    }

    fn is_relaxed(&self) -> bool {
        self.load.1 == Ordering::Relaxed && self.store.1 == Ordering::Relaxed
    }

    fn labels(&self, role: Role) -> [Label; 2] {
        let label = |role, (site, _): &(Site, Ordering), verb: &str| {
            let text = format!("thread `{}` {verb} {{0}} here", self.thread);
            Label::new(role, site.clone(), text)
        };
        [
            label(role, &self.store, "stores to"),
            label(Role::Secondary, &self.load, "loads"),
        ]
    }
}

/// The finding about two updates of one atomic, of which the later overwrote the earlier if that was `observed`.
#[must_use]
pub fn lost_update(earlier: &TwoSteps, later: &TwoSteps, certainty: Certainty) -> Finding {
    let (one, other) = (&earlier.thread, &later.thread);
    let is_observed = certainty == Certainty::Observed;
    let message = if is_observed {
        format!(
            "thread `{other}` overwrites what `{one}` has stored to {{0}} since `{other}` loaded it"
        )
    } else {
        format!(
            "threads `{one}` and `{other}` each count {{0}} on in two operations, and nothing orders them"
        )
    };
    let mut finding = Finding::new(slug::LOST_UPDATE, certainty, message);
    // Relaxed operations may be meant as they are, where losing some is accepted.
    let may_be_meant = earlier.is_relaxed() && later.is_relaxed();
    if !is_observed || may_be_meant {
        finding.severity = Severity::Warning;
    }
    finding.labels.extend(later.labels(Role::Primary));
    finding.labels.extend(earlier.labels(Role::Secondary));
    finding.notes.push(
        "both store one step on from what they have loaded; between the two operations, another can store"
            .to_owned(),
    );
    finding.helps.push(
        "change {0} in one step: `fetch_add` and the like, or `compare_exchange` in a loop"
            .to_owned(),
    );
    let used = finding.labels.iter().map(|label| label.site.clone());
    finding.objects = vec![Object::new("atomic", None, None, used.collect())];
    finding.with_fingerprint()
}
