//! Findings in words.

use model::finding::Finding;
use render::names;
use render::options::{Colour, Options};
use render::source::Sources;
use render::text;

/// The finding with the names of its locks as far as the source tells them.
pub(crate) fn named(finding: &Finding) -> Finding {
    let mut named = finding.clone();
    names::resolve_finding(&mut named, &Sources::new());
    named
}

/// A finding as text.
pub(crate) fn text(finding: &Finding, colour: Colour) -> String {
    text::finding(finding, &Options::new(Sources::new()).with_colour(colour))
}
