//! Text: findings in the form of the compiler's own diagnostics.

mod label;
mod note;
mod summary;

use std::cmp::Reverse;

use annotate_snippets::{Group, Level, Renderer};
use model::finding::{Finding, Severity};
use model::report::Report;

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
    let is_news = |finding: &&Finding| finding.accepted.is_none();
    let mut findings: Vec<&Finding> = report.findings.iter().filter(is_news).collect();
    findings.sort_by_key(|finding| (Reverse(finding.severity), Reverse(finding.certainty)));
    let mut text = String::new();
    for one in findings {
        text.push_str(&finding(one, options));
        text.push('\n');
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
