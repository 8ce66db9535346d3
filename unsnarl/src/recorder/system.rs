//! What the operating system knows of this process's threads.

#[cfg(target_os = "linux")]
use std::fs;

/// The operating system's number for a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tid(u32);

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

/// Whether a thread sleeps: neither runs nor was woken. `None` where that cannot be told.
#[cfg(target_os = "linux")]
pub(super) fn sleeps(tid: Tid) -> Option<bool> {
    let stat = fs::read_to_string(format!("/proc/self/task/{}/stat", tid.0)).ok()?;
    // The second field is the name in parentheses, which may contain anything.
    let (_, rest) = stat.rsplit_once(')')?;
    Some(rest.trim_start().starts_with('S'))
}

/// The current thread; `None` where that cannot be told.
#[cfg(not(target_os = "linux"))]
pub(super) fn current_tid() -> Option<Tid> {
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
