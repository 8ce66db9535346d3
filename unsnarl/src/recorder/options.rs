//! What the environment asks for, read once.

use std::env;
use std::fmt::Display;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use profile::limits::Limits;
use stress::dump;
use stress::plan::Plan;
use stress::rounds::{VARIABLE, Wish};

/// What to do when something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnFinding {
    /// Print it, go on, and exit with 101 at the end.
    Exit,
    /// Print it and panic in the thread that found it.
    Panic,
    /// Only write the report.
    Record,
    /// Print it and abort the process.
    Abort,
}

/// The values of `UNSNARL_ON_FINDING`.
const ON_FINDING: &[(&str, OnFinding)] = &[
    ("exit", OnFinding::Exit),
    ("panic", OnFinding::Panic),
    ("record", OnFinding::Record),
    ("abort", OnFinding::Abort),
];

/// The environment's wishes.
#[derive(Debug)]
pub(crate) struct Options {
    /// `UNSNARL=off`: no engine runs.
    pub(crate) is_off: bool,
    /// `UNSNARL_ON_FINDING`.
    pub(crate) on_finding: OnFinding,
    /// `UNSNARL_REPORT_DIR`, where the process leaves its report.
    pub(crate) report_dir: Option<PathBuf>,
    /// `UNSNARL_BACKTRACE=0`: do not capture a backtrace for each new order of locks.
    pub(crate) backtraces: bool,
    /// `UNSNARL_RECORD`, where the run is written down.
    pub(crate) record: Option<PathBuf>,
    /// `UNSNARL_NOISE`: how the threads are disturbed.
    pub(crate) noise: Option<Plan>,
    /// `UNSNARL_DUMP=1`: SIGQUIT asks the process what its threads do.
    pub(crate) dump: bool,
    /// `UNSNARL_PROFILE`: what the program does with its time is measured, and told from these limits on.
    pub(crate) profile: Option<Limits>,
    /// `UNSNARL_LEAKS=1`: tests that run in sessions must leave nothing behind.
    pub(crate) leaks: bool,
    /// `UNSNARL_ROUNDS`, from a campaign: how the threads are disturbed in each of several rounds of a test.
    pub(crate) rounds: Option<Wish>,
}

/// The options of this process.
pub(crate) fn options() -> &'static Options {
    static OPTIONS: OnceLock<Options> = OnceLock::new();
    OPTIONS.get_or_init(read)
}

fn read() -> Options {
    Options {
        is_off: choose("UNSNARL", &[("on", false), ("off", true)], false),
        on_finding: choose("UNSNARL_ON_FINDING", ON_FINDING, OnFinding::Exit),
        report_dir: path("UNSNARL_REPORT_DIR"),
        record: path("UNSNARL_RECORD"),
        backtraces: choose("UNSNARL_BACKTRACE", &[("0", false), ("1", true)], true),
        noise: noise(),
        profile: profile(),
        rounds: rounds(),
        leaks: choose("UNSNARL_LEAKS", &[("0", false), ("1", true)], false),
        dump: choose(dump::VARIABLE, &[("0", false), ("1", true)], false),
    }
}

fn path(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}

/// The plan that `UNSNARL_NOISE` names; what is none is said on stderr.
fn noise() -> Option<Plan> {
    let plan = word("UNSNARL_NOISE")?.parse();
    plan.map_err(|error| warn("UNSNARL_NOISE", &error)).ok()
}

/// The limits that `UNSNARL_PROFILE` names, unless it is `0`; where one is none, that is said on stderr, and all are as they
/// are by default.
fn profile() -> Option<Limits> {
    let word = word("UNSNARL_PROFILE").filter(|word| word != "0")?;
    let limits = word
        .parse()
        .map_err(|error| warn("UNSNARL_PROFILE", &error));
    Some(limits.unwrap_or_default())
}

/// What a variable says, if anything.
fn word(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|word| !word.is_empty())
}

/// Says on stderr that a variable is wrong.
fn warn(variable: &str, error: &dyn Display) {
    let warning = format!("unsnarl: `{variable}`: {error}\n");
    // Nothing is lost if stderr is closed.
    let _ = std::io::stderr().write_all(warning.as_bytes());
}

/// The rounds that the process above this one asks for. What that asks of others, down here, is not meant for this one.
fn rounds() -> Option<Wish> {
    let wish: Wish = env::var(VARIABLE).ok()?.parse().ok()?;
    (parent() == Some(wish.campaign) && !wish.plans.is_empty()).then_some(wish)
}

#[cfg(unix)]
fn parent() -> Option<u32> {
    Some(std::os::unix::process::parent_id())
}

#[cfg(not(unix))]
fn parent() -> Option<u32> {
    None
}

/// The value that a variable names; one that names none is said on stderr, and the default holds.
fn choose<T: Copy>(variable: &str, values: &[(&str, T)], default: T) -> T {
    let Some(word) = env::var_os(variable).filter(|word| !word.is_empty()) else {
        return default;
    };
    if let Some((_, value)) = values.iter().find(|(name, _)| word == *name) {
        return *value;
    }
    let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    let warning = format!(
        "unsnarl: `{variable}={}` is not one of `{}`\n",
        word.display(),
        names.join("`, `")
    );
    // Nothing is lost if stderr is closed.
    let _ = std::io::stderr().write_all(warning.as_bytes());
    default
}
