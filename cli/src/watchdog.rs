//! Child processes that may hang.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::Error;

/// How often it is looked whether the child has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// How a child process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself.
    ByItself,
    /// Killed by us: it took too long.
    Killed,
}

/// Runs a command to its end, or kills it when it takes longer than this.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<End, Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command.spawn().map_err(Error::start(&program))?;
    let start = Instant::now();
    while child.try_wait().map_err(Error::start(&program))?.is_none() {
        if start.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            return Ok(End::Killed);
        }
        thread::sleep(PAUSE);
    }
    Ok(End::ByItself)
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::{End, run};

    #[test]
    fn who_takes_too_long_is_killed() {
        let limit = Duration::from_millis(50);
        assert_eq!(
            run(Command::new("sleep").arg("60"), limit).unwrap(),
            End::Killed
        );
        assert_eq!(
            run(&mut Command::new("true"), Duration::from_secs(60)).unwrap(),
            End::ByItself
        );
    }
}
