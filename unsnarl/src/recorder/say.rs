//! Findings on stderr.

use std::io::{self, IsTerminal as _, Write as _};

use model::finding::Finding;
use render::names;
use render::options::{Colour, Options};
use render::source::Sources;
use render::text;

/// The finding with the names of its locks as far as the source tells them.
pub(super) fn named(finding: &Finding) -> Finding {
    let mut named = finding.clone();
    names::resolve_finding(&mut named, &Sources::new());
    named
}

/// A finding as text, without colours.
#[cfg(feature = "explore")]
pub(super) fn text(finding: &Finding) -> String {
    text::finding(finding, &Options::new(Sources::new()))
}

/// Prints a finding to the real stderr, past the capture of the test harness: a test that passes must still say it.
pub(super) fn print(finding: &Finding) {
    let mut stderr = io::stderr().lock();
    let colour = if stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        Colour::Styled
    } else {
        Colour::Plain
    };
    let shown = text::finding(finding, &Options::new(Sources::new()).with_colour(colour));
    // Nothing can be done if stderr is closed; the report has it too.
    let _ = writeln!(stderr, "{shown}");
}
