//! Dumps on demand: a process that is asked says what each of its threads does.

use std::path::PathBuf;

#[cfg(feature = "campaign")]
pub use asking::{Asked, ask};

/// The variable with which the user allows a process to be asked: then SIGQUIT does not end it.
pub const VARIABLE: &str = "UNSNARL_DUMP";

/// Where a process leaves what it says: a report with one finding.
#[must_use]
pub fn file(process: u32) -> PathBuf {
    std::env::temp_dir().join(format!("unsnarl-dump-{process}.json"))
}

#[cfg(feature = "campaign")]
mod asking {
    use std::fs;
    use std::path::Path;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::{VARIABLE, file};
    use crate::child::Sighting;
    use crate::system;

    const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

    /// What a process that was asked has said.
    #[derive(Debug)]
    pub enum Asked {
        /// There is no such process, or it is somebody else's.
        Nobody,
        /// It may not be asked. Its threads, as the system sees them.
        Closed(Vec<Sighting>),
        /// It has not answered. Its threads, as the system sees them.
        Silent(Vec<Sighting>),
        /// The text of the report.
        Said(String),
    }

    /// Asks a process, if it may be asked, and waits so long for its answer.
    #[must_use]
    pub fn ask(process: u32, patience: Duration) -> Asked {
        let threads = system::threads(process);
        let Ok(variables) = fs::read(format!("/proc/{process}/environ")) else {
            return Asked::Nobody;
        };
        let allowed = format!("{VARIABLE}=1");
        let is_allowed = variables
            .split(|&byte| byte == 0)
            .any(|one| one == allowed.as_bytes());
        if !is_allowed || !system::listens(process) {
            return Asked::Closed(threads);
        }
        let path = file(process);
        let _ = fs::remove_file(&path);
        system::ask_for_dump(process);
        let start = Instant::now();
        while start.elapsed() < patience && Path::new(&format!("/proc/{process}")).exists() {
            if let Ok(text) = fs::read_to_string(&path) {
                let _ = fs::remove_file(&path);
                return Asked::Said(text);
            }
            thread::sleep(BETWEEN_LOOKS);
        }
        Asked::Silent(threads)
    }
}
