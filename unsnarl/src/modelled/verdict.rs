//! What the end of a model means: a finding, or why the program cannot be explored.

use std::any::Any;

use model::finding::{Certainty, Finding, Label, Role};
use model::site::Site;
use model::slug;

use super::complaint::{Access, Complaint};
use super::limits;
use super::panics::{Panicked, Seen};

/// What the end of a model means.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The program is wrong.
    Found(Box<Finding>),
    /// Why it cannot be explored.
    Obstacle(String),
}

/// What a panic says that only hands on another thread's.
const HANDED_ON: &[&str] = &["Any { .. }", "a scoped thread panicked"];

/// Judges a model that ended with this panic.
pub(super) fn of_panic(seen: &Seen, payload: &(dyn Any + Send)) -> Verdict {
    let said = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied());
    let mut panics = seen.panics.iter().rev();
    let last = panics.find(|panicked| said == Some(&panicked.message));
    of(seen, last.or(seen.panics.last()))
}

/// Judges a model that ended with a panic of its own thread or of another one.
pub(super) fn of(seen: &Seen, panicked: Option<&Panicked>) -> Verdict {
    if let Some(obstacle) = &seen.obstacle {
        return Verdict::Obstacle(obstacle.clone());
    }
    match panicked {
        Some(panicked) if panicked.is_of_loom() => complaint(seen, panicked),
        Some(panicked) => Verdict::found(panic(origin(seen, panicked))),
        None => Verdict::Obstacle(limits::STACK.to_owned()),
    }
    .of_test(&seen.test)
}

impl Verdict {
    fn found(finding: Finding) -> Self {
        Self::Found(Box::new(finding))
    }

    fn of_test(self, test: &str) -> Self {
        match self {
            Self::Found(mut finding) => {
                finding.test = Some(test.to_owned());
                Self::found(finding.with_fingerprint())
            }
            obstacle => obstacle,
        }
    }
}

/// The panic that another one only hands on.
fn origin<'a>(seen: &'a Seen, panicked: &'a Panicked) -> &'a Panicked {
    let is_handed_on = HANDED_ON
        .iter()
        .any(|words| panicked.message.contains(words));
    let ended = seen.panics.iter().find(|other| other.is_end);
    ended.filter(|_| is_handed_on).unwrap_or(panicked)
}

fn panic(panicked: &Panicked) -> Finding {
    let mut lines = panicked.message.lines();
    let first = lines.next().unwrap_or_default();
    let message = format!("a thread panics in one of the test's interleavings: {first}");
    let mut finding = Finding::new(slug::PANIC, Certainty::Observed, message);
    let site = panicked.site.clone();
    finding.labels = site
        .map(|site| Label::new(Role::Primary, site, "panics here"))
        .into_iter()
        .collect();
    let rest: Vec<&str> = lines.collect();
    if !rest.is_empty() {
        finding.notes = vec![rest.join("\n")];
    }
    finding
}

fn complaint(seen: &Seen, panicked: &Panicked) -> Verdict {
    match Complaint::read(&panicked.message) {
        Complaint::Deadlock(threads) => Verdict::found(deadlock(seen, threads)),
        Complaint::Race(accesses) => Verdict::found(race(seen, accesses)),
        Complaint::Leak(what, site) => Verdict::found(leak(what, site)),
        Complaint::Limit(limit) => Verdict::Obstacle(limits::words(limit, seen)),
        Complaint::Other => Verdict::Obstacle(limits::other(&panicked.message)),
    }
}

fn deadlock(seen: &Seen, threads: Vec<(usize, Option<Site>)>) -> Finding {
    let message = match &*threads {
        [(one, _)] => format!(
            "thread `{}` waits, and nobody is left who could end that",
            seen.name(*one)
        ),
        _ => format!("{} threads wait for each other for ever", threads.len()),
    };
    let mut finding = Finding::new(slug::DEADLOCK, Certainty::Observed, message);
    for (thread, site) in threads {
        let name = seen.name(thread);
        match site {
            Some(site) => finding.labels.push(Label::new(
                Role::Primary,
                site,
                format!("thread `{name}` waits here"),
            )),
            None => finding.notes.push(format!("thread `{name}` waits, too")),
        }
    }
    finding
}

fn race(seen: &Seen, accesses: Vec<Access>) -> Finding {
    let message = "two threads access the same memory, with nothing to order them";
    let mut finding = Finding::new(slug::DATA_RACE, Certainty::Observed, message);
    for Access { what, thread, site } in accesses {
        finding.labels.push(match thread {
            Some(thread) => {
                let name = seen.name(thread);
                let does = if what.contains("write") || what.contains("mut") {
                    "writes"
                } else {
                    "reads"
                };
                Label::new(
                    Role::Primary,
                    site,
                    format!("thread `{name}` {does} it here"),
                )
            }
            None => Label::new(Role::Secondary, site, "it is made here"),
        });
    }
    // The accesses first.
    finding
        .labels
        .sort_by_key(|label| label.role != Role::Primary);
    finding
}

fn leak(what: &str, site: Option<Site>) -> Finding {
    let message = format!("{what} is left when all threads have ended");
    let mut finding = Finding::new(slug::LEAKED_VALUE, Certainty::Observed, message);
    let made = site.map(|site| Label::new(Role::Primary, site, "it is made here"));
    finding.labels = made.into_iter().collect();
    finding
}
