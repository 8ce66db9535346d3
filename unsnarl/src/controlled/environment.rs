//! What the environment says of explored runs, beyond the settings of an explorer.

use std::time::Duration;

use crate::environment::{number, text};

/// Variables that say what can happen in an execution: whoever wants to see one again needs them too.
const OF_EXECUTIONS: &[&str] = &[
    "UNSNARL_MAX_STEPS",
    "UNSNARL_STACK_SIZE",
    "UNSNARL_SPURIOUS",
    "UNSNARL_WEAK_FAILURES",
    "UNSNARL_EARLY_TIMEOUTS",
    "UNSNARL_FAILING_TRIES",
    "UNSNARL_WEAK_MEMORY",
];

/// What to type before a command, so that its executions are of the same kind.
pub(super) fn kind_of_execution() -> String {
    let set = OF_EXECUTIONS.iter();
    let set = set.filter_map(|name| Some(format!("{name}={} ", text(name)?)));
    set.collect()
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
