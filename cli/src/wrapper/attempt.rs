//! A call of the compiler whose errors can be taken back.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, ExitStatus, Stdio};

/// A call of the compiler whose errors can be taken back.
///
/// They are held until it has written what cargo waits for; after that no error is about names and types.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) status: ExitStatus,
    /// What it said and nobody has heard yet.
    pub(super) held: Vec<u8>,
    /// Whether cargo was told that the crate can be used.
    pub(super) is_settled: bool,
}

impl Attempt {
    /// Calls it.
    pub(super) fn make(command: &mut Command) -> io::Result<Self> {
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        let stderr = child.stderr.take().expect("stderr was asked to be a pipe");
        let mut lines = BufReader::new(stderr);
        let (mut held, mut is_settled) = (Vec::new(), false);
        loop {
            let start = held.len();
            if lines.read_until(b'\n', &mut held)? == 0 {
                break;
            }
            is_settled |= is_usable(&held[start..]);
            if is_settled {
                io::stderr().write_all(&held)?;
                held.clear();
            }
        }
        Ok(Self {
            status: child.wait()?,
            held,
            is_settled,
        })
    }

    /// Lets what it said be heard.
    pub(super) fn tell(&self) -> io::Result<()> {
        io::stderr().write_all(&self.held)
    }
}

/// Whether the compiler says here that it has written the crate, or what others need to know of it.
fn is_usable(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    line.contains(r#""$message_type":"artifact""#)
        && (line.contains(r#""emit":"metadata""#) || line.contains(r#""emit":"link""#))
}

#[cfg(test)]
mod tests {
    use super::is_usable;

    #[test]
    fn errors_are_taken_back_until_the_crate_can_be_used() {
        let artifact = |emit| format!(r#"{{"$message_type":"artifact","emit":"{emit}"}}"#);
        assert!(is_usable(artifact("metadata").as_bytes()));
        assert!(!is_usable(artifact("dep-info").as_bytes()));
        assert!(!is_usable(br#"{"message":"\"emit\":\"link\""}"#));
    }
}
