//! What loom says when a model fails, taken apart.
//!
//! It says it with a panic, in words. Those of loom 0.7 are known here; others are handed on as they are.

use model::site::Site;

/// Why loom has ended a model.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Complaint {
    /// No thread can go on: each that is left, with where it waits.
    Deadlock(Vec<(usize, Option<Site>)>),
    /// Accesses that nothing orders.
    Race(Vec<Access>),
    /// Something is left at the end: what, and where it was made.
    Leak(&'static str, Option<Site>),
    /// More than it takes.
    Limit(Limit),
    /// Something else.
    Other,
}

/// What loom cannot take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// More threads.
    Threads,
    /// An execution with more operations.
    Steps,
    /// An execution that did not go as the one before it.
    Differing,
    /// One of its objects outside a model.
    Outside,
    /// A lock that somebody held while they panicked.
    Poison,
}

/// A line of what loom says of a race.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Access {
    /// `created`, `read`, `write two`, …
    pub(super) what: String,
    /// The number of the thread.
    pub(super) thread: Option<usize>,
    /// Where.
    pub(super) site: Site,
}

/// Words by which loom's limits are told.
const LIMITS: &[(&str, Limit)] = &[
    ("self.threads.len() < self.max()", Limit::Threads),
    ("threads.len() < self.max_threads", Limit::Threads),
    ("exceeded maximum number of branches", Limit::Steps),
    ("Is the model fully deterministic", Limit::Differing),
    ("outside a Loom model", Limit::Outside),
    ("PoisonError", Limit::Poison),
];

/// Words by which loom tells of what is left at the end of an execution.
const LEFT: &[(&str, &str)] = &[
    ("Arc leaked.", "an `Arc`"),
    ("Allocation leaked.", "an allocation"),
    ("Messages leaked.", "a channel with messages"),
];

impl Complaint {
    /// What a panic of loom's says.
    pub(super) fn read(message: &str) -> Self {
        if let Some((_, threads)) = message.split_once("deadlock; threads = ") {
            return Self::Deadlock(blocked(threads));
        }
        if message.contains("Causality violation") {
            return Self::Race(message.lines().filter_map(access).collect());
        }
        if let Some((_, what)) = LEFT.iter().find(|(words, _)| message.contains(words)) {
            let mut sites = message.lines().filter_map(|line| line.split_once(": "));
            return Self::Leak(what, sites.find_map(|(_, text)| site(text)));
        }
        let known = LIMITS.iter().find(|(words, _)| message.contains(words));
        known.map_or(Self::Other, |(_, limit)| Self::Limit(*limit))
    }
}

/// The threads in `[(Id(0), Blocked(Location(Some(Location { file: "…", line: 7, column: 9 })))), …]` that are left.
fn blocked(threads: &str) -> Vec<(usize, Option<Site>)> {
    let threads = threads.split("(Id(").skip(1);
    let one = |text: &str| {
        let (number, state) = text.split_once(')')?;
        let is_left = !state.contains("Terminated");
        is_left.then_some((number.parse().ok()?, debugged(state)))
    };
    threads.filter_map(one).collect()
}

/// The site in `file: "…", line: 7, col…: 9`.
fn debugged(text: &str) -> Option<Site> {
    let (_, rest) = text.split_once("file: \"")?;
    let (file, rest) = rest.split_once('"')?;
    let mut numbers = rest
        .split(|character: char| !character.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok());
    Some(Site::new(file, numbers.next()?, numbers.next()?))
}

/// `   write: thread #1 @ src/a.rs:7:9`.
fn access(line: &str) -> Option<Access> {
    let (what, rest) = line.trim().split_once(": ")?;
    let (thread, place) = match rest.split_once(" @ ") {
        Some((thread, place)) => (thread.trim_start_matches("thread #").parse().ok(), place),
        None => (None, rest),
    };
    Some(Access {
        what: what.to_owned(),
        thread,
        site: site(place)?,
    })
}

/// `file:line:column`.
fn site(text: &str) -> Option<Site> {
    let mut parts = text.trim().rsplitn(3, ':');
    let column = parts.next()?.parse().ok()?;
    let line = parts.next()?.parse().ok()?;
    Some(Site::new(parts.next()?, line, column))
}

#[cfg(test)]
mod tests {
    use model::site::Site;

    use super::{Access, Complaint, Limit};

    #[track_caller]
    fn check(message: &str, expected: Complaint) {
        assert_eq!(Complaint::read(message), expected, "{message}");
    }

    #[test]
    fn a_deadlock_names_the_threads_that_are_left() {
        check(
            "deadlock; threads = [(Id(0), Blocked(Location(Some(Location { file: \"a b.rs\", line: 7, column: 9 })))), \
             (Id(1), Terminated), (Id(2), Blocked(Location(None)))]",
            Complaint::Deadlock(vec![(0, Some(Site::new("a b.rs", 7, 9))), (2, None)]),
        );
    }

    #[test]
    fn a_race_has_its_accesses() {
        let access = |what: &str, thread, line| Access {
            what: what.to_owned(),
            thread,
            site: Site::new("src/a.rs", line, 5),
        };
        check(
            "\nCausality violation: Concurrent write accesses to `UnsafeCell`.\n      created: src/a.rs:1:5\n    \
             write one: thread #0 @ src/a.rs:2:5\n    write two: thread #1 @ src/a.rs:3:5\n",
            Complaint::Race(vec![
                access("created", None, 1),
                access("write one", Some(0), 2),
                access("write two", Some(1), 3),
            ]),
        );
    }

    #[test]
    fn what_is_left_has_its_maker() {
        let site = Some(Site::new("src/a.rs", 3, 9));
        let message = "Arc leaked.\n  Allocated: src/a.rs:3:9\n      Index: 2";
        check(message, Complaint::Leak("an `Arc`", site));
        check("Arc leaked.\n  Index: 2", Complaint::Leak("an `Arc`", None));
    }

    #[test]
    fn limits_are_told_by_their_words() {
        for (message, expected) in [
            (
                "assertion failed: self.threads.len() < self.max()",
                Complaint::Limit(Limit::Threads),
            ),
            (
                "Model exceeded maximum number of branches. This is often caused by …",
                Complaint::Limit(Limit::Steps),
            ),
            (
                "cannot access Loom execution state from outside a Loom model. are you …",
                Complaint::Limit(Limit::Outside),
            ),
            (
                "called `Option::unwrap()` on a `None` value",
                Complaint::Other,
            ),
        ] {
            check(message, expected);
        }
    }
}
