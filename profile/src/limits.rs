//! From where on something is told.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// One limit.
#[derive(Debug)]
#[non_exhaustive]
pub struct Limit {
    /// The name that users give it.
    pub name: &'static str,
    /// What it is if nothing is said.
    pub default: u64,
    /// What it limits.
    pub meaning: &'static str,
}

macro_rules! limits {
    ($($name:ident = $default:literal: $meaning:literal;)*) => {
        /// The limits that hold.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Limits {
            $(#[doc = concat!("The ", $meaning, ".")] pub $name: u64,)*
        }

        /// Every limit.
        pub const LIMITS: &[Limit] = &[
            $(Limit { name: stringify!($name), default: $default, meaning: $meaning },)*
        ];

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Limits {
            fn named(&mut self, name: &str) -> Option<&mut u64> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => None,
                }
            }
        }
    };
}

limits! {
    hold = 1_000: "least time that the owner of a lock sleeps meanwhile, in microseconds";
    holds = 3: "least number of such holds that somebody waits for";
    busy = 50: "least share of the time that a hot lock is held, in percent";
    contended = 20: "least share of its acquisitions that have to wait, in percent";
    acquired = 1_000: "least number of its acquisitions";
    queue = 1_000: "least number of messages that a queue grows by";
    time = 100: "least time that a queue grows, or that a lock is hot, in milliseconds";
    writes = 1_000: "least number of writes of each thread to a hot line, in about 17 milliseconds";
    stretches = 3: "least number of such stretches of time";
}

/// Why limits could not be read.
#[derive(Debug, PartialEq, Eq)]
pub struct NotALimit(String);

impl fmt::Display for NotALimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = LIMITS.iter().map(|limit| limit.name).collect();
        write!(
            f,
            "`{}` is no limit: `NAME=NUMBER`, with commas between them, where the names are `{}`",
            self.0,
            names.join("`, `")
        )
    }
}

impl Error for NotALimit {}

impl FromStr for Limits {
    type Err = NotALimit;

    /// Reads `queue=100,hold=5000`; what is not named is as it is by default. `1` names nothing.
    fn from_str(text: &str) -> Result<Self, NotALimit> {
        let mut limits = Self::default();
        let parts = text.split(',').map(str::trim);
        for part in parts.filter(|part| !part.is_empty() && *part != "1") {
            let wrong = || NotALimit(part.to_owned());
            let (name, number) = part.split_once('=').ok_or_else(wrong)?;
            let number = number.parse().map_err(|_| wrong())?;
            *limits.named(name).ok_or_else(wrong)? = number;
        }
        Ok(limits)
    }
}

#[cfg(test)]
mod tests {
    use super::{LIMITS, Limits};

    #[test]
    fn limits_are_named() {
        let limits: Limits = "queue=5, hold=7".parse().unwrap();
        assert_eq!((limits.queue, limits.hold), (5, 7));
        assert_eq!("1".parse(), Ok(Limits::default()));
        let mut all = Limits::default();
        for limit in LIMITS {
            assert_eq!(all.named(limit.name).copied(), Some(limit.default));
        }
    }

    #[test]
    fn what_is_no_limit_says_so() {
        for text in ["on", "queue", "queue=", "queue=-1", "depth=3"] {
            let error = text.parse::<Limits>().unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("`{text}` is no limit")),
                "{error}"
            );
        }
    }
}
