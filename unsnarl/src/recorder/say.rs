//! Findings on stderr.

use std::io::{self, IsTerminal as _, Write as _};

use model::finding::Finding;
use render::options::Colour;

use crate::rendered::text;

/// Prints a finding to the real stderr, past the capture of the test harness: a test that passes must still say it.
pub(super) fn print(finding: &Finding) {
    let mut stderr = io::stderr().lock();
    let colour = if stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        Colour::Styled
    } else {
        Colour::Plain
    };
    // Nothing can be done if stderr is closed; the report has it too.
    let _ = writeln!(stderr, "{}", text(finding, colour));
}
