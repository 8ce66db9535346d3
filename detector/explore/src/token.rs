//! A schedule, written down: the points at which it leaves what a simple policy would do.
//!
//! `1a,m:3=1,1:2=m` is version 1, policy `a`, and two decisions: after the third operation of the main thread its
//! first child goes on, and after the second operation of that one the main thread. Threads are named by their places
//! in the tree of who started whom (`1.2` is the second child of the first child), and moments by what the thread
//! itself has done, so that a small edit of the program elsewhere does not move them.

use std::fmt;
use std::str::FromStr;

use crate::op::Tid;
use crate::world::World;

/// The version of the format. A token of another version is refused.
const VERSION: &str = "1";

/// What runs next when nothing else is said: the same thread as long as it can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// After it the oldest thread.
    #[default]
    Oldest,
    /// After it the youngest thread.
    Youngest,
}

impl Policy {
    /// Every policy.
    pub const ALL: [Self; 2] = [Self::Oldest, Self::Youngest];

    /// Who goes next.
    #[must_use]
    pub fn choose(self, runnable: &[Tid], current: Tid) -> Tid {
        if runnable.contains(&current) {
            return current;
        }
        let next = match self {
            Self::Oldest => runnable.first(),
            Self::Youngest => runnable.last(),
        };
        next.copied().unwrap_or_default()
    }

    const fn letter(self) -> &'static str {
        match self {
            Self::Oldest => "a",
            Self::Youngest => "z",
        }
    }
}

/// A point at which an execution left its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The thread that ran before.
    pub after: Tid,
    /// How many operations it had begun then.
    pub step: u32,
    /// The thread that went on instead.
    pub next: Tid,
}

/// A place in the tree of threads: which child of which child of the main thread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path(Vec<u32>);

/// A decision that any execution can try to follow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Turning {
    /// The thread that ran before.
    pub after: Path,
    /// How many operations it had begun then.
    pub step: u32,
    /// The thread to go on.
    pub next: Path,
}

/// A schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Token {
    /// What to do otherwise.
    pub policy: Policy,
    /// Where it leaves the policy, in the order of the execution it was made from.
    pub turnings: Vec<Turning>,
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

impl Token {
    /// The token of an execution.
    #[must_use]
    pub fn new(policy: Policy, decisions: &[Decision], world: &World) -> Self {
        let turning = |decision: &Decision| Turning {
            after: Path::of(world, decision.after),
            step: decision.step,
            next: Path::of(world, decision.next),
        };
        Self {
            policy,
            turnings: decisions.iter().map(turning).collect(),
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

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION}{}", self.policy.letter())?;
        self.turnings.iter().try_for_each(|turning| {
            write!(f, ",{}:{}={}", turning.after, turning.step, turning.next)
        })
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

impl FromStr for Turning {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let no_turning = || Unreadable(format!("`{text}` is not of the form `thread:step=thread`"));
        let (after, rest) = text.split_once(':').ok_or_else(no_turning)?;
        let (step, next) = rest.split_once('=').ok_or_else(no_turning)?;
        Ok(Self {
            after: after.parse()?,
            step: step.parse().map_err(|_| no_turning())?,
            next: next.parse()?,
        })
    }
}

impl FromStr for Token {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let mut parts = text.trim().split(',');
        let head = parts.next().unwrap_or_default();
        let policy = Policy::ALL
            .into_iter()
            .find(|policy| head.strip_prefix(VERSION) == Some(policy.letter()));
        let policy = policy.ok_or_else(|| {
            Unreadable(format!(
                "`{head}` is no version of a replay token that this unsnarl knows"
            ))
        })?;
        let turnings = parts.map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { policy, turnings })
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
        for text in ["1a", "1z,m:3=1,1:2=m,1.12:400=2"] {
            assert_eq!(text.parse::<Token>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in [
            "",
            "2a",
            "1b",
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
