//! Text: findings in the form of the compiler's own diagnostics.

mod label;
mod note;
mod schedule;
mod summary;

use annotate_snippets::{Group, Level, Renderer};
use model::finding::{Finding, Severity};
use model::report::Report;

use crate::worst;

pub use crate::options::{Colour, Options};

/// One finding, with its source, as the compiler shows an error. Ends with a line break.
///
/// ```
/// # use unsnarl_render as render;
/// use model::finding::{Certainty, Finding};
/// use render::text::{self, Options};
///
/// let finding = Finding::new("deadlock", Certainty::Observed, "two threads wait for each other");
/// let text = text::finding(&finding, &Options::default());
/// assert!(text.starts_with("error[deadlock]: two threads wait for each other\n"));
/// ```
#[must_use]
pub fn finding(finding: &Finding, options: &Options) -> String {
    let title = level(finding.severity)
        .primary_title(finding.fill(&finding.message))
        .id(finding.slug.clone());
    let (snippets, missing) = label::split(finding, &options.sources);
    let group = Group::with_title(title).elements(label::elements(&snippets, &missing));
    let group = group.elements(note::messages(finding, &missing, options.detail));
    let mut text = renderer(options.colour).render(&[group]);
    text.push('\n');
    text
}

/// All findings of a report that nobody has accepted, the worst first, and a line that sums it up.
#[must_use]
pub fn report(report: &Report, options: &Options) -> String {
    let mut text = String::new();
    let findings = worst::first(report).into_iter();
    for one in findings.filter(|finding| finding.accepted.is_none()) {
        text.push_str(&finding(one, options));
        text.push('\n');
    }
    #[cfg(feature = "profile")]
    if let Some(profile) = &report.profile {
        text.push_str(&crate::profile::text(profile));
    }
    text.push_str(&summary(report));
    text.push('\n');
    text
}

/// What a report says in one line, without a line break.
#[must_use]
pub fn summary(report: &Report) -> String {
    summary::line(report)
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        _ => Level::NOTE,
    }
}

fn renderer(colour: Colour) -> Renderer {
    match colour {
        Colour::Plain => Renderer::plain(),
        Colour::Styled => Renderer::styled(),
    }
}
