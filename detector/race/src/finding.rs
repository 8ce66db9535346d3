//! Races in words.

use model::finding::{Certainty, Finding, Label, Object, Role};
use model::site::Site;
use model::slug;

use crate::shadow::Does;

/// One of the two accesses of a race, as a finding tells it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Side {
    /// The thread's name.
    pub thread: String,
    /// What it does.
    pub does: Does,
    /// Where.
    pub site: Site,
    /// More about the place, to stand behind `here`.
    pub place: String,
    /// Where the thread was started, if known.
    pub started: Option<Site>,
    /// The locks that it held, by the numbers of the finding's objects, if known.
    pub held: Option<Vec<usize>>,
}

impl Side {
    /// An access of this thread.
    #[must_use]
    pub fn new(thread: impl Into<String>, does: Does, site: Site) -> Self {
        Self {
            thread: thread.into(),
            does,
            site,
            place: String::new(),
            started: None,
            held: None,
        }
    }

    fn verb(&self) -> &'static str {
        match self.does {
            Does::Reads => "reads",
            Does::Writes => "writes",
        }
    }

    fn label(&self, role: Role) -> Label {
        let text = format!(
            "thread `{}` {} {{0}} here{}",
            self.thread,
            self.verb(),
            self.place
        );
        Label::new(role, self.site.clone(), text)
    }

    fn start(&self) -> Option<Label> {
        let text = format!("thread `{}` is started here", self.thread);
        Some(Label::new(Role::Secondary, self.started.clone()?, text))
    }

    fn holds(&self) -> Option<String> {
        let held = self.held.as_ref()?;
        let names: Vec<String> = held.iter().map(|number| format!("{{{number}}}")).collect();
        Some(match names.is_empty() {
            true => format!("thread `{}` holds no lock there", self.thread),
            false => format!("thread `{}` holds {} there", self.thread, names.join(", ")),
        })
    }
}

/// A race between two accesses, the one seen first in front, to the first of these objects.
#[must_use]
pub fn data_race(
    objects: Vec<Object>,
    earlier: &Side,
    later: &Side,
    certainty: Certainty,
) -> Finding {
    let message = if earlier.does == Does::Writes && later.does == Does::Writes {
        format!(
            "threads `{}` and `{}` both write {{0}}, and nothing orders them",
            earlier.thread, later.thread
        )
    } else {
        format!(
            "thread `{}` {} {{0}} and thread `{}` {} it, and nothing orders them",
            earlier.thread,
            earlier.verb(),
            later.thread,
            later.verb()
        )
    };
    let mut finding = Finding::new(slug::DATA_RACE, certainty, message);
    let created = objects.first().and_then(|object| object.created.clone());
    finding.objects = objects;
    finding.labels.push(later.label(Role::Primary));
    finding.labels.push(earlier.label(Role::Secondary));
    let created = created.map(|site| Label::new(Role::Secondary, site, "{0} is made here"));
    finding.labels.extend(created);
    finding.labels.extend(earlier.start());
    finding.labels.extend(later.start());
    finding.notes.extend(earlier.holds());
    finding.notes.extend(later.holds());
    finding.helps.push(cure(earlier, later));
    finding.with_fingerprint()
}

fn cure(earlier: &Side, later: &Side) -> String {
    let shared = match (&earlier.held, &later.held) {
        (Some(one), Some(other)) => one.iter().chain(other).next(),
        _ => None,
    };
    match shared {
        Some(lock) => format!("hold {{{lock}}} in both places, or make {{0}} an atomic"),
        None => "hold one lock in both places, hand {0} over with a channel or `join`, or make it an atomic".to_owned(),
    }
}
