//! What the environment says of an exploration.

use std::env;
use std::str::FromStr;
use std::time::Duration;

use crate::explorer::Explorer;

impl Explorer {
    /// Takes over what the environment says.
    ///
    /// # Panics
    ///
    /// If a variable has a value that it cannot have.
    pub(crate) fn read_environment(&mut self) {
        if let Some(schedules) = number("UNSNARL_SCHEDULES") {
            self.schedules = schedules;
        }
        if let Some(jobs) = number::<usize>("UNSNARL_JOBS") {
            self.jobs = jobs.max(1);
        }
        if let Some(seed) = number("UNSNARL_SEED") {
            self.seed = seed;
        }
        if let Some(seconds) = number::<f64>("UNSNARL_TIME") {
            self.time = Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
        }
        if let Some(strategy) = text("UNSNARL_STRATEGY") {
            self.strategy = strategy;
        }
        if let Some(token) = text("UNSNARL_REPLAY") {
            self.replay = Some(token);
        }
    }
}

/// Whether tests that do not explore themselves are to be explored: `UNSNARL_EXPLORE`.
pub(super) fn wants_plain_tests() -> bool {
    text("UNSNARL_EXPLORE").is_some_and(|value| value != "0")
}

/// Whether the process runs one test and nothing else: `UNSNARL_ALONE`.
pub(super) fn is_alone() -> bool {
    text("UNSNARL_ALONE").is_some_and(|value| value != "0")
}

/// What to type to follow a replay token, as whoever started the process says it: `UNSNARL_AGAIN`, with `{}` for the
/// token.
pub(super) fn again(token: &str) -> Option<String> {
    Some(text("UNSNARL_AGAIN")?.replace("{}", token))
}

/// How long nothing may happen in an explored run: `UNSNARL_PATIENCE`, in seconds.
pub(super) fn patience() -> Option<Duration> {
    let seconds = number::<f64>("UNSNARL_PATIENCE")?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn text(variable: &str) -> Option<String> {
    let value = env::var(variable).ok()?;
    (!value.is_empty()).then_some(value)
}

fn number<T: FromStr>(variable: &str) -> Option<T> {
    let text = text(variable)?;
    match text.parse() {
        Ok(number) => Some(number),
        Err(_) => panic!("unsnarl: `{variable}={text}` is not a number"),
    }
}
