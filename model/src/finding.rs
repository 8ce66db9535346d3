//! Findings: what an engine has to say, as data. Formats only lay it out.

use crate::owner::Owner;
use crate::record::{record, word};
use crate::site::Site;
use crate::slug;

word! {
    /// How bad a finding is.
    pub enum Severity {
        /// Worth knowing; never fails a run.
        Note = "note",
        /// Likely a mistake; does not fail a run by itself.
        Warning = "warning",
        /// A bug; the process that found it exits with 101.
        #[default]
        Error = "error",
    }
}

word! {
    /// Whether the bug happened or could have happened.
    pub enum Certainty {
        /// The run came near it: another interleaving of the same operations shows it.
        #[default]
        Potential = "potential",
        /// It happened in this run.
        Observed = "observed",
    }
}

word! {
    /// The part that a label plays in its finding.
    pub enum Role {
        /// Where it goes wrong.
        #[default]
        Primary = "primary",
        /// What led there.
        Secondary = "secondary",
    }
}

record! {
    /// A lock, or another thing that threads wait for, as a finding speaks of it.
    ///
    /// Messages, labels, notes and steps mention it as `{0}`, `{1}`, … by its place in [`Finding::objects`].
    pub struct Object {
        /// The name to show: given by its maker, or found in the source later; `None` until then.
        pub name: Option<String>,
        /// What it is, in a word: `Mutex`, `RwLock`, `thread`.
        pub kind: String,
        /// Where it was made, if known.
        pub created: Option<Site>,
        /// Where it was acquired in this finding: its name can be read from the source there.
        pub used: Vec<Site>,
    }
}

record! {
    /// A place in the source with something to say about it.
    pub struct Label {
        /// The place.
        pub site: Site,
        /// Its part in the finding.
        pub role: Role,
        /// What happens there; `{n}` stands for object n.
        pub text: String,
        /// Whose place it is, once it is known.
        pub owner: Option<Owner>,
    }
}

record! {
    /// One step of the interleaving that shows the bug.
    pub struct Step {
        /// The thread that takes the step, by name or number.
        pub thread: String,
        /// Where.
        pub site: Site,
        /// What it does; `{n}` stands for object n.
        pub text: String,
    }
}

record! {
    /// The calls that led to a site, innermost first.
    pub struct Backtrace {
        /// What it is the backtrace of; `{n}` stands for object n.
        pub title: String,
        /// One call each: function, and its site where it is known.
        pub frames: Vec<Frame>,
    }
}

record! {
    /// One call of a backtrace.
    pub struct Frame {
        /// The function's path.
        pub function: String,
        /// Where it was, if debug information says so.
        pub site: Option<Site>,
    }
}

record! {
    /// Something wrong with the program.
    pub struct Finding {
        /// Which kind of bug: a row of [`crate::slug::SLUGS`].
        pub slug: String,
        /// How bad it is.
        pub severity: Severity,
        /// Whether it happened.
        pub certainty: Certainty,
        /// What is wrong, in one line; `{n}` stands for object n.
        pub message: String,
        /// What the texts speak of.
        pub objects: Vec<Object>,
        /// The places to look at, the most important first.
        pub labels: Vec<Label>,
        /// Facts to know; `{n}` stands for object n.
        pub notes: Vec<String>,
        /// What to do; `{n}` stands for object n.
        pub helps: Vec<String>,
        /// The interleaving that shows it.
        pub steps: Vec<Step>,
        /// The schedule that led there: what threads did with what they share, in order.
        pub schedule: Vec<Step>,
        /// Backtraces of the places where it matters how one came there.
        pub backtraces: Vec<Backtrace>,
        /// The test (or thread) it was found in, if known.
        pub test: Option<String>,
        /// The command that shows it again.
        pub replay: Option<String>,
        /// What makes it the same finding in another run: slug and sites without lines, so that it survives moved lines.
        pub fingerprint: String,
        /// In how many places of the run it was found.
        pub count: u64,
        /// Why it is accepted, if the project's baseline says so; it then fails no run.
        pub accepted: Option<String>,
        /// Whose it is, once it is known: the workspace's, if anything of it is; else that of its first place.
        pub owner: Option<Owner>,
    }
}

impl Object {
    /// An object of this kind.
    #[must_use]
    pub fn new(
        kind: impl Into<String>,
        name: Option<String>,
        created: Option<Site>,
        used: Vec<Site>,
    ) -> Self {
        Self {
            name,
            kind: kind.into(),
            created,
            used,
        }
    }

    /// The name to show: its own, else what it is and where it was made or used.
    #[must_use]
    pub fn display(&self) -> String {
        let place = self.created.as_ref().or(self.used.first());
        match (&self.name, place) {
            (Some(name), _) => name.clone(),
            (None, Some(site)) => format!("{} at {site}", self.kind),
            (None, None) => self.kind.clone(),
        }
    }
}

impl Label {
    /// A label with this role.
    #[must_use]
    pub fn new(role: Role, site: Site, text: impl Into<String>) -> Self {
        Self {
            site,
            role,
            text: text.into(),
            owner: None,
        }
    }
}

impl Step {
    /// A step of this thread.
    #[must_use]
    pub fn new(thread: impl Into<String>, site: Site, text: impl Into<String>) -> Self {
        Self {
            thread: thread.into(),
            site,
            text: text.into(),
        }
    }
}

impl Backtrace {
    /// A backtrace with this title.
    #[must_use]
    pub fn new(title: impl Into<String>, frames: Vec<Frame>) -> Self {
        Self {
            title: title.into(),
            frames,
        }
    }
}

impl Frame {
    /// A call of this function.
    #[must_use]
    pub fn new(function: impl Into<String>, site: Option<Site>) -> Self {
        Self {
            function: function.into(),
            site,
        }
    }
}

impl Finding {
    /// A finding of this kind; its severity is `error` until said otherwise.
    #[must_use]
    pub fn new(slug: impl Into<String>, certainty: Certainty, message: impl Into<String>) -> Self {
        Self {
            slug: slug.into(),
            certainty,
            message: message.into(),
            count: 1,
            ..Self::default()
        }
    }

    /// Whether it should fail the run: an error that nobody has accepted.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.severity == Severity::Error && self.accepted.is_none()
    }

    /// Sets the fingerprint from the slug and the labels' files, columns and texts: everything but lines, and which
    /// thread it was and which of several objects, since another run may have them the other way round. A panic is told
    /// from others by its test as well: many assertions stand in the same column.
    #[must_use]
    pub fn with_fingerprint(mut self) -> Self {
        let mut parts: Vec<String> = self
            .labels
            .iter()
            .map(|Label { site, text, .. }| {
                format!("{}:{}:{}", site.file, site.column, self.anonymous(text))
            })
            .collect();
        parts.sort_unstable();
        parts.dedup();
        let test = self.test.as_ref().filter(|_| self.slug == slug::PANIC);
        parts.extend(test.cloned());
        let digest = fnv1a(parts.join("\n").as_bytes());
        self.fingerprint = format!("{}-{digest:016x}", self.slug);
        self
    }

    /// One of this finding's texts without the names of threads and tasks, and with kinds in the place of objects.
    fn anonymous(&self, text: &str) -> String {
        let objects = self.objects.iter().enumerate();
        let text = objects.fold(text.to_owned(), |text, (index, object)| {
            text.replace(&format!("{{{index}}}"), &object.kind)
        });
        ["thread", "task"].iter().fold(text, without_names)
    }

    /// One of this finding's texts with every `{n}` replaced by the name of object n, in backticks.
    #[must_use]
    pub fn fill(&self, text: &str) -> String {
        self.objects
            .iter()
            .enumerate()
            .fold(text.to_owned(), |text, (index, object)| {
                text.replace(&format!("{{{index}}}"), &format!("`{}`", object.display()))
            })
    }
}

/// The text without the names that follow this word in backticks.
fn without_names(text: String, word: &&str) -> String {
    let named = format!("{word} `");
    let mut parts = text.split(&*named);
    let start = parts.next().unwrap_or_default().to_owned();
    parts.fold(start, |text, part| {
        text + word + part.split_once('`').map_or("", |(_, rest)| rest)
    })
}

/// The 64-bit FNV-1a hash: the same in every process and version, which fingerprints need.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::{Certainty, Finding, Label, Object, Role};
    use crate::site::Site;

    fn finding(line: u32) -> Finding {
        let mut finding = Finding::new("deadlock", Certainty::Observed, "{0} and {1}");
        finding.objects = vec![
            Object::new("Mutex", Some("a".into()), None, vec![]),
            Object::new("Mutex", None, Some(Site::new("x.rs", 3, 1)), vec![]),
        ];
        finding.labels = vec![Label::new(
            Role::Primary,
            Site::new("x.rs", line, 5),
            "here",
        )];
        finding.with_fingerprint()
    }

    #[test]
    fn texts_name_their_objects() {
        assert_eq!(
            finding(1).fill("{0} and {1}"),
            "`a` and `Mutex at x.rs:3:1`"
        );
    }

    #[test]
    fn a_fingerprint_survives_moved_lines() {
        assert_eq!(finding(1).fingerprint, finding(9).fingerprint);
    }

    /// A deadlock of two threads, told from the side of one of them.
    fn knot(first: (&str, u32), second: (&str, u32)) -> Finding {
        let mut finding = Finding::new("deadlock", Certainty::Observed, "2 threads wait");
        for (index, (thread, column)) in [first, second].into_iter().enumerate() {
            finding
                .objects
                .push(Object::new("Mutex", None, None, vec![]));
            finding.labels.push(Label::new(
                Role::Primary,
                Site::new("x.rs", 1, column),
                format!("thread `{thread}` waits for {{{index}}} here"),
            ));
        }
        finding.with_fingerprint()
    }

    #[test]
    fn a_fingerprint_does_not_depend_on_who_came_last() {
        let told = knot(("anna", 5), ("bert", 9));
        assert_eq!(told.fingerprint, knot(("bert", 9), ("anna", 5)).fingerprint);
        assert_eq!(told.fingerprint, knot(("carl", 5), ("dora", 9)).fingerprint);
        assert_ne!(
            told.fingerprint,
            knot(("anna", 5), ("bert", 10)).fingerprint
        );
    }
}
