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
        if let Some((part, of)) = shard() {
            self.shard = (part, of);
        }
        switch("UNSNARL_KEEP_GOING", &mut self.keep_going);
        self.read_kind_of_execution();
    }

    fn read_kind_of_execution(&mut self) {
        if let Some(steps) = number("UNSNARL_MAX_STEPS") {
            self.max_steps = steps;
        }
        if let Some(bytes) = number("UNSNARL_STACK_SIZE") {
            self.stack_size = bytes;
        }
        switch("UNSNARL_SPURIOUS", &mut self.spurious);
        switch("UNSNARL_WEAK_FAILURES", &mut self.weak_failures);
        switch("UNSNARL_EARLY_TIMEOUTS", &mut self.early_timeouts);
        switch("UNSNARL_FAILING_TRIES", &mut self.failing_tries);
        switch("UNSNARL_WEAK_MEMORY", &mut self.weak_memory);
    }
}

/// Takes over a setting that is on or off.
fn switch(variable: &str, setting: &mut bool) {
    match text(variable).as_deref() {
        None => {}
        Some("1" | "on" | "true") => *setting = true,
        Some("0" | "off" | "false") => *setting = false,
        Some(other) => panic!("unsnarl: `{variable}={other}` is neither `on` nor `off`"),
    }
}

/// `UNSNARL_SHARD`: `k/n`, with k from 1 to n. `auto` is for the command to look into.
fn shard() -> Option<(u64, u64)> {
    let text = text("UNSNARL_SHARD").filter(|text| text != "auto")?;
    let numbers = text.split_once('/');
    let numbers = numbers.and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    match numbers {
        Some((k, n)) if (1..=n).contains(&k) => Some((k - 1, n)),
        _ => panic!("unsnarl: `UNSNARL_SHARD={text}` is not of the form `1/4`"),
    }
}

/// What a variable says, if it says anything.
pub(crate) fn text(variable: &str) -> Option<String> {
    let value = env::var(variable).ok()?;
    (!value.is_empty()).then_some(value)
}

/// What a variable says, if it is set, as a number.
///
/// # Panics
///
/// If it is none.
pub(crate) fn number<T: FromStr>(variable: &str) -> Option<T> {
    let text = text(variable)?;
    match text.parse() {
        Ok(number) => Some(number),
        Err(_) => panic!("unsnarl: `{variable}={text}` is not a number"),
    }
}
