//! What the operating system knows of this process's threads.

#[cfg(target_os = "linux")]
use std::fs;

/// The name of unsnarl's own thread.
pub(super) const MONITOR: &str = "unsnarl-monitor";

/// The operating system's number for a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tid(u32);

impl Tid {
    /// The number.
    pub(super) fn number(self) -> u32 {
        self.0
    }
}

/// Whether the current thread is the one that runs `main`.
pub(super) fn is_main_thread() -> bool {
    match current_tid() {
        Some(tid) => tid == main_tid(),
        None => std::thread::current().name() == Some("main"),
    }
}

/// The thread that runs `main`, where the operating system numbers threads like processes.
pub(super) fn main_tid() -> Tid {
    Tid(std::process::id())
}

/// The current thread; `None` where that cannot be told.
#[cfg(target_os = "linux")]
pub(super) fn current_tid() -> Option<Tid> {
    let link = fs::read_link("/proc/thread-self").ok()?;
    link.file_name()?.to_str()?.parse().ok().map(Tid)
}

/// Every thread of the process; `None` where that cannot be told.
#[cfg(target_os = "linux")]
pub(super) fn all_tids() -> Option<Vec<Tid>> {
    let entries = fs::read_dir("/proc/self/task").ok()?;
    entries
        .map(|entry| entry.ok()?.file_name().to_str()?.parse().ok().map(Tid))
        .collect()
}

/// Whether a thread is that of unsnarl itself.
#[cfg(target_os = "linux")]
pub(super) fn is_ours(tid: Tid) -> bool {
    name(tid).is_some_and(|name| name == MONITOR)
}

/// What the operating system calls a thread; `None` if it has ended.
#[cfg(target_os = "linux")]
pub(super) fn name(tid: Tid) -> Option<String> {
    let name = fs::read_to_string(format!("/proc/self/task/{}/comm", tid.0)).ok()?;
    Some(name.trim_end().to_owned())
}

/// The system's function that a thread sleeps in; `None` if it does not, or that is not told.
#[cfg(target_os = "linux")]
pub(super) fn waits_in(tid: Tid) -> Option<String> {
    let place = fs::read_to_string(format!("/proc/self/task/{}/wchan", tid.0)).ok()?;
    Some(place).filter(|place| !place.is_empty() && place != "0")
}

/// Whether a thread sleeps: neither runs nor was woken. `None` where that cannot be told.
#[cfg(target_os = "linux")]
pub(super) fn sleeps(tid: Tid) -> Option<bool> {
    let stat = fs::read_to_string(format!("/proc/self/task/{}/stat", tid.0)).ok()?;
    // The second field is the name in parentheses, which may contain anything.
    let (_, rest) = stat.rsplit_once(')')?;
    Some(rest.trim_start().starts_with('S'))
}

/// For how many nanoseconds the current thread has run, or been ready to, so far; `None` where that is not known.
#[cfg(target_os = "linux")]
pub(super) fn awake() -> Option<u64> {
    let said = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let mut times = said.split_whitespace().map(str::parse::<u64>);
    let (ran, was_ready) = (times.next()?.ok()?, times.next()?.ok()?);
    ran.checked_add(was_ready)
}

/// Whether the program handles signals, beyond those that the standard library and the C library handle themselves: a
/// handler can end a wait.
#[cfg(target_os = "linux")]
pub(super) fn handles_signals() -> bool {
    /// SIGBUS, SIGSEGV, and the two that glibc keeps for its threads.
    const OF_THE_RUNTIME: u64 = 1 << 6 | 1 << 10 | 1 << 31 | 1 << 32;
    /// SIGQUIT, with which a campaign asks for stacks.
    const OURS: u64 = 1 << 2;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let mask = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & !(OF_THE_RUNTIME | OURS) != 0)
}

/// The current thread; `None` where that cannot be told.
#[cfg(not(target_os = "linux"))]
pub(super) fn current_tid() -> Option<Tid> {
    None
}

/// How long the current thread was awake; not known here.
#[cfg(not(target_os = "linux"))]
pub(super) fn awake() -> Option<u64> {
    None
}

/// Whether a thread is that of unsnarl itself; not known here.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_ours(_tid: Tid) -> bool {
    false
}

/// What the operating system calls a thread; not known here.
#[cfg(not(target_os = "linux"))]
pub(super) fn name(_tid: Tid) -> Option<String> {
    None
}

/// The system's function that a thread sleeps in; not known here.
#[cfg(not(target_os = "linux"))]
pub(super) fn waits_in(_tid: Tid) -> Option<String> {
    None
}

/// Every thread of the process; `None` where that cannot be told.
#[cfg(not(target_os = "linux"))]
pub(super) fn all_tids() -> Option<Vec<Tid>> {
    None
}

/// Whether a thread sleeps: neither runs nor was woken. `None` where that cannot be told.
#[cfg(not(target_os = "linux"))]
pub(super) fn sleeps(_tid: Tid) -> Option<bool> {
    None
}

/// Whether the program handles signals; not known here.
#[cfg(not(target_os = "linux"))]
pub(super) fn handles_signals() -> bool {
    false
}
