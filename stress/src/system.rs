//! What the operating system knows of a child process and its threads.

#[cfg(unix)]
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::child::Sighting;
use crate::stacks::Stack;

/// Ends a process and all that it has started, at once.
#[cfg(unix)]
pub(crate) fn kill_group(leader: u32) {
    const SIGKILL: i32 = 9;
    unsafe extern "C" {
        fn kill(process: i32, signal: i32) -> i32;
    }
    if let Ok(leader) = i32::try_from(leader) {
        // SAFETY: takes numbers only. The group is that of a child of ours, which has not been waited for.
        let _ = unsafe { kill(-leader, SIGKILL) };
    }
}

/// Ends a process and all that it has started; here nobody knows the latter.
#[cfg(not(unix))]
pub(crate) fn kill_group(_leader: u32) {}

/// Ends a process at once.
#[cfg(unix)]
pub(crate) fn kill(process: u32) {
    const SIGKILL: i32 = 9;
    unsafe extern "C" {
        fn kill(process: i32, signal: i32) -> i32;
    }
    if let Ok(process) = i32::try_from(process) {
        // SAFETY: takes numbers only. The process was told from others by its environment a moment ago.
        let _ = unsafe { kill(process, SIGKILL) };
    }
}

/// Ends a process; here nobody finds one that would have to be.
#[cfg(not(unix))]
pub(crate) fn kill(_process: u32) {}

/// The numbers of all processes, as far as they are known.
pub(crate) fn processes() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// The variables that a process was started with, each ended by a zero byte.
pub(crate) fn environment(process: u32) -> Option<Vec<u8>> {
    fs::read(format!("/proc/{process}/environ")).ok()
}

/// The path that these bytes are.
#[cfg(unix)]
pub(crate) fn path(bytes: &[u8]) -> Option<&Path> {
    use std::os::unix::ffi::OsStrExt as _;
    Some(Path::new(OsStr::from_bytes(bytes)))
}

/// The path that these bytes are.
#[cfg(not(unix))]
pub(crate) fn path(bytes: &[u8]) -> Option<&Path> {
    Some(Path::new(std::str::from_utf8(bytes).ok()?))
}

/// Asks a thread of a process where it is, if the process listens.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn ask_for_stack(process: u32, thread: u32) {
    const SIGQUIT: i32 = 3;
    unsafe extern "C" {
        fn tgkill(process: i32, thread: i32, signal: i32) -> i32;
    }
    if let (Ok(process), Ok(thread)) = (i32::try_from(process), i32::try_from(thread)) {
        // SAFETY: takes numbers only; the process is a child of ours, which has not been waited for.
        let _ = unsafe { tgkill(process, thread, SIGQUIT) };
    }
}

/// Asks a process what its threads do.
#[cfg(unix)]
pub(crate) fn ask_for_dump(process: u32) {
    const SIGQUIT: i32 = 3;
    unsafe extern "C" {
        fn kill(process: i32, signal: i32) -> i32;
    }
    if let Ok(process) = i32::try_from(process) {
        // SAFETY: takes numbers only. If the process is gone by now, and its number somebody else's, the system's own rules
        // say whether that hears of it.
        let _ = unsafe { kill(process, SIGQUIT) };
    }
}

/// Asks a process what its threads do; here nobody knows how.
#[cfg(not(unix))]
pub(crate) fn ask_for_dump(_process: u32) {}

/// Asks a thread of a process where it is; here nobody knows how.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn ask_for_stack(_process: u32, _thread: u32) {}

/// Whether a process answers when its threads are asked where they are: otherwise being asked would end it.
#[cfg(target_os = "linux")]
pub(crate) fn listens(process: u32) -> bool {
    caught(process).is_some_and(|signals| signals & SIGQUIT != 0)
}

/// SIGQUIT, with which a process is asked where its threads are, in a set of signals.
#[cfg(target_os = "linux")]
const SIGQUIT: u64 = 1 << 2;

/// Whether a process handles signals beyond those that it handles in any case. Not known counts as yes.
#[cfg(target_os = "linux")]
pub(crate) fn handles_signals(process: u32) -> bool {
    /// SIGBUS, SIGSEGV, and the two that glibc keeps for its threads.
    const OF_THE_RUNTIME: u64 = 1 << 6 | 1 << 10 | 1 << 31 | 1 << 32;
    caught(process).is_none_or(|signals| signals & !(OF_THE_RUNTIME | SIGQUIT) != 0)
}

/// The signals that a process handles, as a set of bits.
#[cfg(target_os = "linux")]
fn caught(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let caught = status
        .lines()
        .find_map(|line| line.strip_prefix("SigCgt:"))?;
    u64::from_str_radix(caught.trim(), 16).ok()
}

/// Whether a process answers; not known here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn listens(_process: u32) -> bool {
    false
}

/// The thread of unsnarl itself in a test process, as the system cuts its name.
#[cfg(target_os = "linux")]
const MONITOR: &str = "unsnarl-monitor";

/// Whether a thread of a process is that of unsnarl.
#[cfg(target_os = "linux")]
pub(crate) fn is_monitor(process: u32, thread: u32) -> bool {
    let name = fs::read_to_string(format!("/proc/{process}/task/{thread}/comm"));
    name.is_ok_and(|name| name.trim_end() == MONITOR)
}

/// The threads of a process as they are now, without that of unsnarl, in the order of their numbers.
#[cfg(target_os = "linux")]
pub(crate) fn threads(process: u32) -> Vec<Sighting> {
    let folder = |thread| format!("/proc/{process}/task/{thread}");
    let threads = thread_ids(process).into_iter();
    threads
        .filter_map(|thread| sighting(folder(thread).as_ref()))
        .filter(|thread| thread.name != MONITOR)
        .collect()
}

/// The numbers of a process's threads, in their order.
#[cfg(target_os = "linux")]
pub(crate) fn thread_ids(process: u32) -> Vec<u32> {
    let entries = fs::read_dir(format!("/proc/{process}/task"));
    let entries = entries.into_iter().flatten().flatten();
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    let mut threads: Vec<u32> = entries.filter_map(number).collect();
    threads.sort_unstable();
    threads
}

#[cfg(target_os = "linux")]
fn sighting(folder: &Path) -> Option<Sighting> {
    let id = folder.file_name()?.to_str()?.parse().ok()?;
    let name = fs::read_to_string(folder.join("comm")).ok()?;
    let stat = fs::read_to_string(folder.join("stat")).ok()?;
    // The second field is the name in parentheses, which may contain anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let sleeps = fields.next()? != "R";
    // Ticks of the processor, in the program and in the system for it: fields 14 and 15 of the whole line.
    let ticks: u64 = (fields.skip(10).take(2))
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    let status = fs::read_to_string(folder.join("status")).ok()?;
    let switches = status
        .lines()
        .filter(|line| line.contains("ctxt_switches:"));
    let switches: u64 = switches
        .filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
        .sum();
    Some(Sighting {
        id,
        name: name.trim_end().to_owned(),
        sleeps,
        moves: ticks + switches,
        stack: Stack::default(),
    })
}

/// The threads of a process; not known here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn threads(_process: u32) -> Vec<Sighting> {
    Vec::new()
}
