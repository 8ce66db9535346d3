//! What a knot looks like as a finding.

use model::event::Mode;
use model::finding::{Certainty, Finding, Label, Object, Role, Step};
use model::id::{LockId, ThreadId};
use model::kind::Kind;
use model::site::{Origin, Site};
use model::slug;

use super::knot::{Knot, Knotted, Orphan};
use super::need::{Deed, Need, Wait};
use crate::held::Held;

impl Knot {
    /// The finding that tells of this knot. It was observed: the threads are in it.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let mut finding = self.told();
        finding.fingerprint = self.without_numbers().told().with_fingerprint().fingerprint;
        finding
    }

    /// What the objects of its finding are, in their order.
    #[must_use]
    pub fn objects(&self) -> Vec<LockId> {
        Describer::new(self, Named::WaitedFor).ids
    }

    /// The same whatever the tasks in it are numbered in this run.
    fn without_numbers(&self) -> Self {
        let mut knot = self.clone();
        for knotted in &mut knot.threads {
            knotted.who = knotted.who.without_number();
        }
        knot
    }

    /// As [`Knot::finding`], without a fingerprint.
    pub(super) fn told(&self) -> Finding {
        self.told_with(Named::WaitedFor)
    }

    /// As [`Knot::told`], with what its threads hold as far as that is wanted.
    pub(super) fn told_with(&self, named: Named) -> Finding {
        let describer = Describer::new(self, named);
        let mut finding = Finding::new(self.slug(), Certainty::Observed, describer.message());
        for knotted in &self.threads {
            describer.describe(knotted, &mut finding);
        }
        for (lock, orphan) in &self.orphans {
            describer.describe_orphan(*lock, orphan, &mut finding);
        }
        for (semaphore, forgotten) in &self.permits {
            describer.describe_forgotten(*semaphore, Site::from(*forgotten), &mut finding);
        }
        finding.notes = self.notes();
        finding.helps = vec![self.help().to_owned()];
        finding.objects = describer.objects;
        let first = self.threads.first();
        finding.test = first
            .and_then(|first| first.who.test_name())
            .map(str::to_owned);
        finding
    }

    /// What the first thread waits for, in words.
    pub(super) fn words_of_first(&self) -> String {
        let describer = Describer::new(self, Named::WaitedFor);
        let first = self.threads.first();
        first.map_or_else(String::new, |first| describer.words(first))
    }

    fn slug(&self) -> &'static str {
        match self.threads.as_slice() {
            _ if !self.orphans.is_empty() => slug::LEAKED_GUARD,
            _ if !self.permits.is_empty() => slug::LEAKED_PERMIT,
            [only] if only.waits_for_lock_alone() => slug::SELF_DEADLOCK,
            _ => slug::DEADLOCK,
        }
    }

    fn notes(&self) -> Vec<String> {
        let assumed = "assumed: no signal handler, and no thread outside unsnarl's sight, ends one of these waits";
        if self.is_certain {
            Vec::new()
        } else {
            vec![assumed.to_owned()]
        }
    }

    fn help(&self) -> &'static str {
        let kinds = || self.threads.iter().map(|knotted| &knotted.wait.need);
        if !self.permits.is_empty() {
            "let permits be dropped where they are no longer needed, on every path, instead of forgetting them"
        } else if !self.orphans.is_empty() {
            "drop the guard before its thread ends; to give data away for ever, leak the data and not the guard"
        } else if self.slug() == slug::SELF_DEADLOCK {
            "drop the first guard before, or give the inner code the guard instead of the lock"
        } else if kinds().all(|need| matches!(need, Need::Lock(_))) {
            "take the locks in one order everywhere, or release the first before asking for the second"
        } else if kinds().all(|need| matches!(need, Need::End(_) | Need::Ends(_))) {
            "do not wait for a thread that waits for this one"
        } else if kinds().any(|need| matches!(need, Need::Lock(_)))
            || self.threads.iter().any(|one| one.retakes)
        {
            "release the lock before waiting for the other thread"
        } else {
            "make sure that whoever wakes these threads runs, and does so after they wait or leaves a mark they check"
        }
    }
}

/// Which of the locks that threads of a knot hold are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// Those that another one waits for.
    WaitedFor,
    /// All.
    All,
}

/// Numbers the objects of a knot and words what its threads do to them.
struct Describer<'a> {
    knot: &'a Knot,
    named: Named,
    ids: Vec<LockId>,
    objects: Vec<Object>,
}

impl Describer<'_> {
    fn new(knot: &Knot, named: Named) -> Describer<'_> {
        let mut describer = Describer {
            knot,
            named,
            ids: Vec::new(),
            objects: Vec::new(),
        };
        describer.collect();
        describer
    }

    /// Gathers the objects: what is waited for, and threads that are joined.
    fn collect(&mut self) {
        for knotted in &self.knot.threads {
            for (target, _, site) in knotted.wait.aims() {
                self.add(target.id, target.kind, target.origin, Site::from(site));
            }
            if let Some(retake) = knotted.wait.retake.filter(|_| knotted.retakes) {
                let site = Site::from(knotted.wait.site);
                self.add(retake.id, retake.kind, retake.origin, site);
            }
        }
        for knotted in &self.knot.threads {
            for held in &knotted.wait.held {
                if let Some(index) = self.index(held.lock) {
                    self.objects[index].used.insert(0, Site::from(held.site));
                } else if self.named == Named::All {
                    self.add(held.lock, held.kind, held.origin, Site::from(held.site));
                }
            }
        }
    }

    fn add(&mut self, id: LockId, kind: Kind, origin: Origin, site: Site) {
        if let Some(index) = self.index(id) {
            self.objects[index].used.push(site);
            return;
        }
        let (name, created) = match origin {
            Origin::Named(name) => (Some(name.to_owned()), None),
            Origin::Created(caller) => (None, Some(Site::from(caller))),
        };
        self.ids.push(id);
        self.objects
            .push(Object::new(kind.word(), name, created, vec![site]));
    }

    fn index(&self, id: LockId) -> Option<usize> {
        self.ids.iter().position(|&known| known == id)
    }

    fn message(&self) -> String {
        let threads = &self.knot.threads;
        let first = threads
            .first()
            .map_or_else(String::new, |first| first.who.words());
        match threads.as_slice() {
            [only] if !self.knot.orphans.is_empty() => {
                format!(
                    "{first} {}, whose guard was never dropped",
                    self.words(only)
                )
            }
            [only] if only.waits_for_lock_alone() => {
                format!("{first} waits for {{0}}, which it holds itself")
            }
            [only] => format!(
                "{first} {}, and nobody is left to end that",
                self.words(only)
            ),
            [_, ..]
                if threads
                    .iter()
                    .all(|knotted| matches!(knotted.wait.need, Need::Lock(_))) =>
            {
                format!("{} wait for each other's locks", self.how_many())
            }
            _ => format!(
                "{} wait for each other, and none can go on",
                self.how_many()
            ),
        }
    }

    fn how_many(&self) -> String {
        let threads = &self.knot.threads;
        let tasks = threads.iter().filter(|knotted| knotted.who.is_task).count();
        let what = match tasks {
            0 => "threads",
            _ if tasks == threads.len() => "tasks",
            _ => "threads and tasks",
        };
        format!("{} {what}", threads.len())
    }

    fn describe(&self, knotted: &Knotted, finding: &mut Finding) {
        let who = knotted.who.words();
        for held in knotted
            .wait
            .held
            .iter()
            .filter(|held| self.waited_for(held))
        {
            let text = format!(
                "{} {{{}}} here",
                locks(held),
                self.index(held.lock).unwrap_or_default()
            );
            finding.labels.push(Label::new(
                Role::Secondary,
                Site::from(held.site),
                format!("{who} {text}"),
            ));
            finding
                .steps
                .push(Step::new(knotted.who.label(), Site::from(held.site), text));
        }
        for wait in knotted.wait.each() {
            self.describe_wait(knotted, &wait, finding);
        }
    }

    fn describe_wait(&self, knotted: &Knotted, wait: &Wait, finding: &mut Finding) {
        let who = &knotted.who;
        // Where nobody knows where it waits, that is the place that made what it waits for.
        let place = match wait.target.origin {
            Origin::Created(made) if made == wait.site && wait.target.kind == Kind::Task => {
                ", which is spawned here"
            }
            Origin::Created(made) if made == wait.site => ", which is made here",
            _ => " here",
        };
        let text = format!("{}{place}", self.words_for(knotted, wait));
        let site = Site::from(wait.site);
        let label = format!("{} {text}", who.words());
        finding
            .labels
            .push(Label::new(Role::Primary, site.clone(), label));
        finding.steps.push(Step::new(who.label(), site, text));
    }

    fn describe_orphan(&self, lock: LockId, orphan: &Orphan, finding: &mut Finding) {
        let index = self.index(lock).unwrap_or_default();
        let text = format!(
            "{} locked {{{index}}} here, and ended without unlocking it",
            orphan.who.words()
        );
        let site = Site::from(orphan.held.site);
        let step = format!("{} {{{index}}} here and ends", locks(&orphan.held));
        finding
            .labels
            .push(Label::new(Role::Secondary, site.clone(), text));
        finding
            .steps
            .insert(0, Step::new(orphan.who.label(), site, step));
    }

    fn describe_forgotten(&self, semaphore: LockId, site: Site, finding: &mut Finding) {
        let index = self.index(semaphore).unwrap_or_default();
        let text = format!("a permit of {{{index}}} is forgotten here, and was not added again");
        finding.labels.push(Label::new(Role::Primary, site, text));
    }

    /// Whether a thread of the knot waits for what is held, or all is told.
    fn waited_for(&self, held: &Held) -> bool {
        if self.named == Named::All {
            return true;
        }
        let mut needs = self.knot.threads.iter();
        needs.any(|knotted| {
            let retake = knotted.wait.retake.filter(|_| knotted.retakes);
            knotted.wait.targets().any(|target| target == held.lock)
                || retake.is_some_and(|retake| retake.id == held.lock)
        })
    }

    /// What a thread of the knot waits for, in words.
    fn words(&self, knotted: &Knotted) -> String {
        let each = knotted.wait.each();
        let words: Vec<String> = each.map(|wait| self.words_for(knotted, &wait)).collect();
        words.join(", or ")
    }

    fn words_for(&self, knotted: &Knotted, wait: &Wait) -> String {
        let index = self.index(wait.target.id).unwrap_or_default();
        let retake = wait.retake.filter(|_| knotted.retakes);
        if let Some(mutex) = retake.and_then(|retake| self.index(retake.id)) {
            return format!("waits on {{{index}}}, and to lock {{{mutex}}} again");
        }
        match &wait.need {
            Need::Lock(Mode::Exclusive) if wait.target.kind.is_read_write() => {
                format!("waits to write {{{index}}}")
            }
            Need::Lock(Mode::Shared) => format!("waits to read {{{index}}}"),
            Need::Lock(Mode::Exclusive) => format!("waits for {{{index}}}"),
            Need::End(child) => format!("waits for {} to end", self.name(knotted, *child)),
            Need::Ends(_) => "waits for the threads of its scope to end".to_owned(),
            Need::Anyone(Deed::Send) => format!("waits for a message from {{{index}}}"),
            Need::Anyone(Deed::Receive) => format!("waits for room in {{{index}}}"),
            Need::Anyone(Deed::Notify) => format!("sleeps until {{{index}}} is notified"),
            Need::Anyone(Deed::Arrive) => format!("waits for the others at {{{index}}}"),
            Need::Anyone(Deed::Initialise) => {
                format!("waits for somebody to initialise {{{index}}}")
            }
            Need::Anyone(Deed::Unpark) => "is parked".to_owned(),
            Need::Anyone(Deed::Release) if wait.target.kind == Kind::Semaphore => {
                format!("waits for a permit of {{{index}}}")
            }
            Need::Anyone(Deed::Release) => format!("waits until {{{index}}} is given back"),
            Need::Anyone(Deed::End) => format!("waits for a task of {{{index}}} to end"),
        }
    }

    /// A thread that `waiter` waits for, in words.
    fn name(&self, waiter: &Knotted, thread: ThreadId) -> String {
        let mut threads = self.knot.threads.iter();
        let known = threads.find(|knotted| knotted.thread == thread);
        known.map_or_else(
            || format!("{} `{thread}`", waiter.wait.target.kind.word()),
            |knotted| knotted.who.words(),
        )
    }
}

fn locks(held: &Held) -> &'static str {
    match (held.kind, held.mode) {
        (Kind::RwLock | Kind::AsyncRwLock, Mode::Shared) => "reads",
        (Kind::RwLock | Kind::AsyncRwLock, Mode::Exclusive) => "writes",
        (Kind::Once | Kind::OnceLock | Kind::LazyLock, _) => "initialises",
        _ => "locks",
    }
}
