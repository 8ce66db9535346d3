//! Broken regions in words.

use model::finding::{Certainty, Finding, Label, Object, Role};
use model::site::Site;
use model::slug;

use super::{Broken, Effect, Step};

/// What a step was done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// An atomic, or a cell.
    Value,
    /// What a lock protects.
    Protected,
}

/// A region that something came between, ready to be told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BrokenRegion {
    /// What the steps were done to, each once.
    pub objects: Vec<Object>,
    /// The region's name.
    pub name: String,
    /// The name of the thread that ran it.
    pub thread: String,
    /// Where it was entered.
    pub entered: Site,
    /// The region's own step that comes first, and what somebody did after it.
    pub out: (Told, Told),
    /// What somebody did before the region's own step that comes last, and that.
    pub back: (Told, Told),
}

/// A step, as a finding tells it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Told {
    /// The thread's name.
    pub thread: String,
    /// What it does.
    pub effect: Effect,
    /// To which of the objects.
    pub object: usize,
    /// What that is.
    pub medium: Medium,
    /// Where.
    pub site: Site,
}

impl Told {
    /// A step of this thread.
    #[must_use]
    pub fn new(
        thread: impl Into<String>,
        effect: Effect,
        (object, medium): (usize, Medium),
        site: Site,
    ) -> Self {
        Self {
            thread: thread.into(),
            effect,
            object,
            medium,
            site,
        }
    }

    fn does(&self) -> String {
        let verb = match self.effect {
            Effect::Reads => "reads",
            Effect::Writes => "writes",
            Effect::Updates => "changes",
        };
        match self.medium {
            Medium::Value => format!("{verb} {{{}}}", self.object),
            Medium::Protected => format!("{verb} what {{{}}} protects", self.object),
        }
    }

    fn label(&self, role: Role, when: &str) -> Label {
        let (thread, does) = (&self.thread, self.does());
        let text = match self.medium {
            Medium::Value => format!("thread `{thread}` {does} here{when}"),
            Medium::Protected => format!("thread `{thread}` {does}, locked here{when}"),
        };
        Label::new(role, self.site.clone(), text)
    }
}

impl BrokenRegion {
    /// The ring in words; `told` makes the steps.
    #[must_use]
    pub fn new<K: Copy, S: Copy>(
        broken: &Broken<K, S>,
        (name, thread, entered): (&str, &str, Site),
        objects: Vec<Object>,
        mut told: impl FnMut(K, &Step<S>) -> Told,
    ) -> Self {
        let mut both = |conflict: &super::Conflict<K, S>| {
            let earlier = told(conflict.thing, &conflict.earlier);
            (earlier, told(conflict.thing, &conflict.later))
        };
        let (out, back) = (both(&broken.out), both(&broken.back));
        Self {
            objects,
            name: name.to_owned(),
            thread: thread.to_owned(),
            entered,
            out,
            back,
        }
    }

    /// The finding.
    #[must_use]
    pub fn into_finding(self) -> Finding {
        let mut finding = Finding::new(self.slug(), Certainty::Observed, self.message());
        finding.labels = self.labels();
        finding.helps = vec![self.cure()];
        finding.objects = self.objects;
        finding.with_fingerprint()
    }

    /// Whether a value was read, and then written over what somebody else had written meanwhile.
    fn is_lost_update(&self) -> bool {
        let (first, last) = (&self.out.0, &self.back.1);
        let same = first.object == last.object;
        let is_value = first.medium == Medium::Value;
        same && is_value && first.effect == Effect::Reads && last.effect != Effect::Reads
    }

    fn slug(&self) -> &'static str {
        if self.is_lost_update() {
            slug::LOST_UPDATE
        } else {
            slug::CHECK_THEN_ACT
        }
    }

    fn message(&self) -> String {
        let does = self.out.1.does();
        format!(
            "`{}` of thread `{}` is not atomic: thread `{}` {does} between two of its steps",
            self.name, self.thread, self.out.1.thread
        )
    }

    fn labels(&self) -> Vec<Label> {
        let mut labels = vec![
            self.back.1.label(Role::Primary, ", later in the region"),
            self.out.0.label(Role::Secondary, ", early in the region"),
            self.out.1.label(Role::Secondary, ", in between"),
        ];
        let last = &self.back.0;
        if (&last.thread, &last.site) != (&self.out.1.thread, &self.out.1.site) {
            labels.push(last.label(Role::Secondary, ", before the region goes on"));
        }
        let entered = format!("`{}` begins here", self.name);
        labels.push(Label::new(Role::Secondary, self.entered.clone(), entered));
        labels
    }

    fn cure(&self) -> String {
        let (first, last) = (&self.out.0, &self.back.1);
        if self.is_lost_update() {
            return format!(
                "change {{{}}} in one step: `fetch_add` and the like, or `compare_exchange` in a loop",
                first.object
            );
        }
        match (first.medium, last.medium) {
            (Medium::Protected, Medium::Protected) if first.object == last.object => format!(
                "keep {{{}}} locked from the first step to the last, or look again before acting",
                first.object
            ),
            _ => "hold one lock from the first step to the last, in every region that does this"
                .to_owned(),
        }
    }
}
