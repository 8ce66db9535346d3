//! Races in words.

use std::sync::atomic::Ordering;

use model::event::Mode;
use model::finding::{Certainty, Finding, Label, Object, Role, Severity};
use model::site::Site;
use model::slug;

use crate::location::{acquires, releases};
use crate::shadow::Does;

/// A race between two accesses, ready to be told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DataRace {
    /// The value, and what else the texts speak of.
    pub objects: Vec<Object>,
    /// The access that was seen first.
    pub earlier: Side,
    /// The other.
    pub later: Side,
    /// Whether it was seen.
    pub certainty: Certainty,
    /// The atomic that was to order them.
    pub flag: Option<Flag>,
    /// What orders the second thread after the first one, but not after its access.
    pub last: Option<LastOrder>,
}

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
    /// The locks that it held, by the numbers of the finding's objects, and how, if known.
    pub held: Option<Vec<(usize, Mode)>>,
}

/// What has ordered the second thread after something that the first one did before its access.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LastOrder {
    /// What it is: `a Mutex`, `an atomic`.
    pub what: String,
    /// Where the second thread has got it.
    pub site: Site,
}

/// An atomic that the first thread wrote after its access, and the second read before its own, with orderings that do not
/// publish.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Flag {
    /// Where it was written, and how.
    pub store: (Site, Ordering),
    /// Where that was read, and how.
    pub load: (Site, Ordering),
}

/// What is to be known of a race with a pointer.
const POINTER: &str = "what is done through a pointer, and when, only the source can say: `with` and `with_mut` say it themselves";

impl DataRace {
    /// A race to the first of these objects.
    #[must_use]
    pub fn new(objects: Vec<Object>, earlier: Side, later: Side, certainty: Certainty) -> Self {
        Self {
            objects,
            earlier,
            later,
            certainty,
            flag: None,
            last: None,
        }
    }

    /// The race in words.
    #[must_use]
    pub fn into_finding(self) -> Finding {
        let mut finding = Finding::new(slug::DATA_RACE, self.certainty, self.message());
        finding.labels = self.labels();
        finding.notes = self.notes();
        finding.helps = vec![self.cure()];
        if self.has_pointer() {
            finding.certainty = Certainty::Potential;
            finding.severity = Severity::Warning;
            finding.notes.push(POINTER.to_owned());
        }
        finding.objects = self.objects;
        finding.with_fingerprint()
    }

    /// Whether it is one only if the right thing is done through a pointer.
    fn has_pointer(&self) -> bool {
        [&self.earlier, &self.later]
            .iter()
            .any(|side| side.does == Does::Points)
    }

    fn message(&self) -> String {
        let (earlier, later) = (&self.earlier, &self.later);
        if earlier.does == Does::Writes && later.does == Does::Writes {
            return format!(
                "threads `{}` and `{}` both write {{0}}, and nothing orders them",
                earlier.thread, later.thread
            );
        }
        format!(
            "thread `{}` {} {{0}} and thread `{}` {} it, and nothing orders them",
            earlier.thread,
            earlier.verb(),
            later.thread,
            later.verb()
        )
    }

    fn labels(&self) -> Vec<Label> {
        let (earlier, later) = (&self.earlier, &self.later);
        let mut labels = vec![later.label(Role::Primary), earlier.label(Role::Secondary)];
        if let Some(flag) = &self.flag {
            labels.extend(flag.labels(&earlier.thread, &later.thread));
        }
        labels.extend(self.last_order().map(|last| {
            let text = format!(
                "thread `{}` comes after earlier work of thread `{}` here",
                later.thread, earlier.thread
            );
            Label::new(Role::Secondary, last.site.clone(), text)
        }));
        let created = self.objects.first().and_then(|value| value.created.clone());
        labels.extend(created.map(|site| Label::new(Role::Secondary, site, "{0} is made here")));
        labels.extend(earlier.start());
        labels.extend(later.start());
        labels
    }

    fn notes(&self) -> Vec<String> {
        let flag = self.flag.as_ref().map(Flag::note);
        let held = [&self.earlier, &self.later].map(Side::holds);
        let last = self.last_order().map(|last| {
            format!(
                "the last to order thread `{}` after thread `{}` is {}, but only after what `{}` did before this access",
                self.later.thread, self.earlier.thread, last.what, self.earlier.thread
            )
        });
        let notes = flag.into_iter().chain(held.into_iter().flatten());
        notes.chain(last).collect()
    }

    /// What orders the threads but not the accesses, where there is not more to say of what should.
    fn last_order(&self) -> Option<&LastOrder> {
        self.last.as_ref().filter(|_| self.flag.is_none())
    }

    fn cure(&self) -> String {
        if let Some(flag) = &self.flag {
            return flag.cure();
        }
        let (earlier, later) = (self.earlier.locks(), self.later.locks());
        if let Some(lock) = earlier.iter().find(|lock| later.contains(lock)) {
            return format!("lock {{{lock}}} for writing wherever {{0}} is written");
        }
        match earlier.first().or(later.first()) {
            Some(lock) => format!("hold {{{lock}}} in both places, or make {{0}} an atomic"),
            None => "hold one lock in both places, hand {0} over with a channel or `join`, or make it an atomic".to_owned(),
        }
    }
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

    fn locks(&self) -> Vec<usize> {
        let held = self.held.iter().flatten();
        held.map(|&(number, _)| number).collect()
    }

    fn verb(&self) -> &'static str {
        match self.does {
            Does::Reads => "reads",
            Does::Writes => "writes",
            Does::Points => "takes a pointer to",
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
        let name = |&(number, mode): &(usize, Mode)| match mode {
            Mode::Exclusive => format!("{{{number}}}"),
            Mode::Shared => format!("{{{number}}} for reading"),
        };
        let names: Vec<String> = held.iter().map(name).collect();
        let what = if names.is_empty() {
            "no lock".to_owned()
        } else {
            names.join(", ")
        };
        Some(format!("thread `{}` holds {what} there", self.thread))
    }
}

impl LastOrder {
    /// This, got here.
    #[must_use]
    pub fn new(what: String, site: Site) -> Self {
        Self { what, site }
    }
}

impl Flag {
    /// An atomic written and read so.
    #[must_use]
    pub fn new(store: (Site, Ordering), load: (Site, Ordering)) -> Self {
        Self { store, load }
    }

    fn labels(&self, writer: &str, reader: &str) -> [Label; 2] {
        let label = |(site, order): &(Site, Ordering), text: String| {
            let text = format!("{text} here, with `{order:?}`");
            Label::new(Role::Secondary, site.clone(), text)
        };
        [
            label(&self.store, format!("thread `{writer}` writes an atomic")),
            label(&self.load, format!("thread `{reader}` reads that")),
        ]
    }

    fn note(&self) -> String {
        let orders = format!(
            "written with `{:?}` and read with `{:?}`",
            self.store.1, self.load.1
        );
        format!("the atomic between the two accesses is {orders}, which orders nothing but itself")
    }

    fn cure(&self) -> String {
        let mut cures = Vec::new();
        if !releases(self.store.1) {
            cures.push("write the atomic with `Release`");
        }
        if !acquires(self.load.1) {
            cures.push("read the atomic with `Acquire`");
        }
        if cures.is_empty() {
            cures.push("let no `Relaxed` write come between the two operations on the atomic");
        }
        cures.join(", and ")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use expect_test::{Expect, expect};
    use model::event::Mode;
    use model::finding::{Certainty, Object};
    use model::site::Site;

    use super::{DataRace, Flag, LastOrder, Side};
    use crate::shadow::Does;

    fn race() -> DataRace {
        let objects = vec![
            Object::new("value", Some("x".into()), None, vec![]),
            Object::new("Mutex", Some("m".into()), None, vec![]),
        ];
        let side = |name: &str, does, line| Side::new(name, does, Site::new("a.rs", line, 1));
        let (earlier, later) = (side("t1", Does::Writes, 1), side("t2", Does::Reads, 2));
        DataRace::new(objects, earlier, later, Certainty::Observed)
    }

    fn check(race: DataRace, expected: &Expect) {
        let finding = race.into_finding();
        let mut lines = vec![finding.fill(&finding.message)];
        lines.extend(finding.notes.iter().map(|note| finding.fill(note)));
        lines.extend(finding.helps.iter().map(|help| finding.fill(help)));
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn a_race_names_the_lock_that_one_side_holds() {
        let mut one = race();
        one.earlier.held = Some(vec![]);
        one.later.held = Some(vec![(1, Mode::Exclusive)]);
        check(
            one,
            &expect![[r"
            thread `t1` writes `x` and thread `t2` reads it, and nothing orders them
            thread `t1` holds no lock there
            thread `t2` holds `m` there
            hold `m` in both places, or make `x` an atomic"]],
        );
    }

    #[test]
    fn readers_that_write_are_told_to_lock_for_writing() {
        let mut one = race();
        one.earlier.held = Some(vec![(1, Mode::Shared)]);
        one.later.held = Some(vec![(1, Mode::Shared)]);
        check(
            one,
            &expect![[r"
            thread `t1` writes `x` and thread `t2` reads it, and nothing orders them
            thread `t1` holds `m` for reading there
            thread `t2` holds `m` for reading there
            lock `m` for writing wherever `x` is written"]],
        );
    }

    #[test]
    fn the_last_order_between_the_threads_is_told() {
        let mut one = race();
        one.last = Some(LastOrder::new("a Mutex".into(), Site::new("a.rs", 9, 1)));
        check(
            one,
            &expect![[r"
            thread `t1` writes `x` and thread `t2` reads it, and nothing orders them
            the last to order thread `t2` after thread `t1` is a Mutex, but only after what `t1` did before this access
            hold one lock in both places, hand `x` over with a channel or `join`, or make it an atomic"]],
        );
    }

    #[test]
    fn an_atomic_between_the_accesses_is_told_with_its_cure() {
        let with = |store, load| {
            let mut one = race();
            let site = || Site::new("a.rs", 9, 1);
            one.flag = Some(Flag::new((site(), store), (site(), load)));
            one
        };
        check(
            with(Ordering::Relaxed, Ordering::Acquire),
            &expect![[r"
            thread `t1` writes `x` and thread `t2` reads it, and nothing orders them
            the atomic between the two accesses is written with `Relaxed` and read with `Acquire`, which orders nothing but itself
            write the atomic with `Release`"]],
        );
        check(
            with(Ordering::Relaxed, Ordering::Relaxed),
            &expect![[r"
            thread `t1` writes `x` and thread `t2` reads it, and nothing orders them
            the atomic between the two accesses is written with `Relaxed` and read with `Relaxed`, which orders nothing but itself
            write the atomic with `Release`, and read the atomic with `Acquire`"]],
        );
    }
}
