//! A schedule, written down: the points at which it leaves what a simple policy would do.
//!
//! `1a,m:3=1,1:2=m` is version 1, policy `a`, and two decisions: after the third operation of the main thread its
//! first child goes on, and after the second operation of that one the main thread. Threads are named by their places
//! in the tree of who started whom (`1.2` is the second child of the first child), and moments by what the thread
//! itself has done, so that a small edit of the program elsewhere does not move them.
//!
//! Version 2 also has choices besides the next thread: in `2a,1:2+1,1:5.3+2`, the first child takes option 1 where it has
//! a choice after its second operation, and option 2 in the third choice after its fifth.

use std::fmt;
use std::str::FromStr;

use crate::op::Tid;
use crate::world::World;

/// The version of the format for schedules of nothing but threads.
const THREADS_ONLY: &str = "1";

/// The version of the format that also knows options. A token of a version that is neither is refused.
const WITH_OPTIONS: &str = "2";

/// What runs next when nothing else is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// The same thread as long as it can, after it the oldest.
    #[default]
    Oldest,
    /// The same thread as long as it can, after it the youngest.
    Youngest,
    /// Each thread a step in its turn.
    InTurn,
}

impl Policy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Oldest, Self::Youngest, Self::InTurn];

    /// Who goes next, of these threads, the oldest first.
    #[must_use]
    pub fn choose(self, runnable: &[Tid], current: Tid) -> Tid {
        Self::each_chooses(runnable, current)[self as usize]
    }

    /// Who goes next, by each policy.
    pub(crate) fn each_chooses(runnable: &[Tid], current: Tid) -> [Tid; Self::ALL.len()] {
        let later = runnable.iter().position(|&tid| tid > current);
        let first = runnable.first().copied().unwrap_or_default();
        let last = runnable.last().copied().unwrap_or_default();
        let in_turn = later.map_or(first, |later| runnable[later]);
        let before = &runnable[..later.unwrap_or(runnable.len())];
        if before.last() == Some(&current) {
            [current, current, in_turn]
        } else {
            [first, last, in_turn]
        }
    }

    const fn letter(self) -> &'static str {
        match self {
            Self::Oldest => "a",
            Self::Youngest => "z",
            Self::InTurn => "r",
        }
    }
}

/// A point at which an execution left its policy, with threads as they are named by `T`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Deviation<T = Path> {
    /// Another thread went on.
    Turn {
        /// The thread that ran before.
        after: T,
        /// How many operations it had begun then.
        step: u32,
        /// The thread that went on instead.
        next: T,
    },
    /// A choice was not left at its default.
    Pick {
        /// The thread that had the choice.
        thread: T,
        /// How many operations it had begun then.
        step: u32,
        /// Which choice it was since that operation was begun, from 1.
        nth: u32,
        /// The option; never 0, which is the default.
        option: usize,
    },
}

/// A deviation of one execution.
pub type Decision = Deviation<Tid>;

/// A place in the tree of threads: which child of which child of the main thread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path(Vec<u32>);

/// A schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Token {
    /// What to do otherwise.
    pub policy: Policy,
    /// Where it leaves the policy, in the order of the execution it was made from.
    pub deviations: Vec<Deviation>,
}

/// Why a text is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(String);

impl Path {
    /// The place of a thread.
    #[must_use]
    pub fn of(world: &World, mut tid: Tid) -> Self {
        let mut path = Vec::new();
        while let Some(parent) = world.thread(tid).parent {
            path.push(world.thread(tid).nth);
            tid = parent;
        }
        path.reverse();
        Self(path)
    }
}

impl<T> Deviation<T> {
    /// The same, with threads named in another way.
    pub fn map<U>(&self, mut name: impl FnMut(&T) -> U) -> Deviation<U> {
        match self {
            Self::Turn { after, step, next } => Deviation::Turn {
                after: name(after),
                step: *step,
                next: name(next),
            },
            Self::Pick {
                thread,
                step,
                nth,
                option,
            } => Deviation::Pick {
                thread: name(thread),
                step: *step,
                nth: *nth,
                option: *option,
            },
        }
    }

    /// Whether it is about another choice than that of the next thread.
    #[must_use]
    pub fn is_pick(&self) -> bool {
        matches!(self, Self::Pick { .. })
    }

    /// The threads it is about.
    pub fn threads(&self) -> impl Iterator<Item = &T> {
        let (one, other) = match self {
            Self::Turn { after, next, .. } => (after, Some(next)),
            Self::Pick { thread, .. } => (thread, None),
        };
        std::iter::once(one).chain(other)
    }
}

impl Token {
    /// The token of an execution.
    #[must_use]
    pub fn new<'d>(
        policy: Policy,
        decisions: impl Iterator<Item = &'d Decision>,
        world: &World,
    ) -> Self {
        let path = |tid: &Tid| Path::of(world, *tid);
        Self {
            policy,
            deviations: decisions.map(|decision| decision.map(path)).collect(),
        }
    }

    fn version(&self) -> &'static str {
        if self.deviations.iter().any(Deviation::is_pick) {
            WITH_OPTIONS
        } else {
            THREADS_ONLY
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("m");
        }
        let numbers: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Turn { after, step, next } => write!(f, "{after}:{step}={next}"),
            Self::Pick {
                thread,
                step,
                nth: 1,
                option,
            } => write!(f, "{thread}:{step}+{option}"),
            Self::Pick {
                thread,
                step,
                nth,
                option,
            } => write!(f, "{thread}:{step}.{nth}+{option}"),
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.version(), self.policy.letter())?;
        let mut deviations = self.deviations.iter();
        deviations.try_for_each(|deviation| write!(f, ",{deviation}"))
    }
}

impl FromStr for Path {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        if text == "m" {
            return Ok(Self::default());
        }
        let number = |part: &str| {
            part.parse()
                .map_err(|_| Unreadable(format!("`{text}` is no thread")))
        };
        text.split('.')
            .map(number)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl FromStr for Deviation {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let unreadable = || {
            Unreadable(format!(
                "`{text}` is neither of the form `thread:step=thread` nor `thread:step+option`"
            ))
        };
        let number = |text: &str| text.parse().map_err(|_| unreadable());
        let (thread, rest) = text.split_once(':').ok_or_else(unreadable)?;
        if let Some((step, next)) = rest.split_once('=') {
            return Ok(Self::Turn {
                after: thread.parse()?,
                step: number(step)?,
                next: next.parse()?,
            });
        }
        let (moment, option) = rest.split_once('+').ok_or_else(unreadable)?;
        let (step, nth) = moment.split_once('.').unwrap_or((moment, "1"));
        let option = option.parse().map_err(|_| unreadable())?;
        if option == 0 {
            return Err(unreadable());
        }
        Ok(Self::Pick {
            thread: thread.parse()?,
            step: number(step)?,
            nth: number(nth)?,
            option,
        })
    }
}

impl FromStr for Token {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let mut parts = text.trim().split(',');
        let head = parts.next().unwrap_or_default();
        let letter = head
            .strip_prefix(THREADS_ONLY)
            .or_else(|| head.strip_prefix(WITH_OPTIONS));
        let policy = Policy::ALL
            .into_iter()
            .find(|policy| letter == Some(policy.letter()));
        let policy = policy.ok_or_else(|| {
            Unreadable(format!(
                "`{head}` is no version of a replay token that this unsnarl knows"
            ))
        })?;
        let deviations = parts.map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { policy, deviations })
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

#[cfg(test)]
mod tests {
    use super::Token;

    #[test]
    fn a_token_reads_as_it_was_written() {
        for text in [
            "1a",
            "1r,1:2=1",
            "1z,m:3=1,1:2=m,1.12:400=2",
            "2a,m:3=1,1.2:7+1,1:2.3+12",
        ] {
            assert_eq!(text.parse::<Token>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in [
            "",
            "3a",
            "1b",
            "2a,m:3+0",
            "2a,m:3.x+1",
            "2a,m+1",
            "1a,",
            "1a,m:x=1",
            "1a,m:1",
            "1a,m=1:2",
            "1a,1..2:3=m",
        ] {
            assert!(text.parse::<Token>().is_err(), "{text}");
        }
    }
}
