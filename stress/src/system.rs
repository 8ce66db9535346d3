//! What the operating system knows of a child process and its threads.

#[cfg(target_os = "linux")]
use std::fs;

use crate::child::Sighting;

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

/// The threads of a process as they are now.
#[cfg(target_os = "linux")]
pub(crate) fn threads(process: u32) -> Vec<Sighting> {
    let folder = format!("/proc/{process}/task");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut threads: Vec<Sighting> = entries
        .filter_map(|entry| sighting(&entry.path()))
        .collect();
    threads.sort_by_key(|thread| thread.id);
    threads
}

#[cfg(target_os = "linux")]
fn sighting(folder: &std::path::Path) -> Option<Sighting> {
    let id = folder.file_name()?.to_str()?.parse().ok()?;
    let name = fs::read_to_string(folder.join("comm")).ok()?;
    let stat = fs::read_to_string(folder.join("stat")).ok()?;
    // The second field is the name in parentheses, which may contain anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let sleeps = fields.next()? != "R";
    // Ticks of the processor, in the program and in the system for it: fields 14 and 15 of the whole line.
    let busy = fields
        .skip(10)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok());
    Some(Sighting {
        id,
        name: name.trim_end().to_owned(),
        sleeps,
        busy: busy.sum(),
    })
}

/// The threads of a process; not known here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn threads(_process: u32) -> Vec<Sighting> {
    Vec::new()
}
