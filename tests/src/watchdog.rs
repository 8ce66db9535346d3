//! Child processes that may hang.

use std::io;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

const GLANCE: Duration = Duration::from_millis(2);

/// Waits until the child has ended, or ends it when it takes longer than this; then there is no status.
///
/// # Errors
///
/// If the operating system does not let us wait for it, or end it.
pub fn wait(mut child: Child, patience: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > patience {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(GLANCE);
    }
}
