//! GitHub's annotations: workflow commands in the output of a job, which GitHub shows beside the source.
//!
//! Follows "Workflow commands for GitHub Actions". GitHub shows ten errors, ten warnings and ten notices of a step; what
//! is beyond that is counted in a line of its own, which is no command.

use std::fmt::Write;

use model::finding::{Finding, Role, Severity};
use model::report::Report;
use model::site::Site;

use crate::words::count;
use crate::worst;

/// How many annotations of a level GitHub shows for one step.
const SHOWN: usize = 10;

/// The levels of annotations, by the severity they stand for.
const LEVELS: &[(Severity, &str)] = &[
    (Severity::Error, "error"),
    (Severity::Warning, "warning"),
    (Severity::Note, "notice"),
];

/// The findings of a report as annotations, a line each. Accepted findings have none.
#[must_use]
pub fn report(report: &Report) -> String {
    let findings = worst::first(report);
    let mut text = String::new();
    for &(severity, level) in LEVELS {
        let of_level: Vec<&Finding> = (findings.iter().copied())
            .filter(|finding| finding.severity == severity && finding.accepted.is_none())
            .collect();
        for finding in of_level.iter().take(SHOWN) {
            text.push_str(&annotation(level, finding));
        }
        let beyond = of_level.len().saturating_sub(SHOWN) as u64;
        if beyond > 0 {
            let more = count(beyond, "finding", "findings");
            let _ = writeln!(text, "unsnarl: {more} more of level {level}");
        }
    }
    text
}

fn annotation(level: &str, finding: &Finding) -> String {
    let title = format!("unsnarl: {}", finding.slug);
    let place = main_site(finding).map_or_else(String::new, |site| {
        format!(
            "file={},line={},col={},",
            property(&site.file),
            site.line,
            site.column
        )
    });
    let title = property(&title);
    format!("::{level} {place}title={title}::{}\n", data(&body(finding)))
}

/// The message, what happens at each place, and what to do.
fn body(finding: &Finding) -> String {
    let mut text = finding.fill(&finding.message);
    for label in &finding.labels {
        let _ = write!(text, "\n{}: {}", label.site, finding.fill(&label.text));
    }
    for help in &finding.helps {
        let _ = write!(text, "\nhelp: {}", finding.fill(help));
    }
    if let Some(replay) = &finding.replay {
        let _ = write!(text, "\nto see it again: {replay}");
    }
    text
}

/// The first primary place, else the first.
pub(crate) fn main_site(finding: &Finding) -> Option<&Site> {
    let mut primary = finding
        .labels
        .iter()
        .filter(|label| label.role == Role::Primary);
    let label = primary.next().or(finding.labels.first());
    label.map(|label| &label.site)
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use model::finding::{Certainty, Finding, Label, Role, Severity};
    use model::report::Report;
    use model::site::Site;

    use super::report;

    fn finding(number: usize, severity: Severity) -> Finding {
        let message = format!("50 % of\n{number}");
        let mut finding = Finding::new("deadlock", Certainty::Observed, message);
        finding.severity = severity;
        let site = Site::new("a,b:c.rs", 3, 1);
        finding.labels = vec![Label::new(Role::Primary, site, "here")];
        finding.fingerprint = number.to_string();
        finding
    }

    #[test]
    fn what_would_end_a_command_is_escaped() {
        let mut one = Report::new();
        one.findings = vec![finding(1, Severity::Error)];
        assert_eq!(
            report(&one),
            "::error file=a%2Cb%3Ac.rs,line=3,col=1,title=unsnarl%3A deadlock::50 %25 of%0A1%0Aa,b:c.rs:3:1: here\n"
        );
    }

    #[test]
    fn each_level_has_its_own_room() {
        let mut many = Report::new();
        many.findings = (0..12)
            .map(|number| finding(number, Severity::Error))
            .collect();
        many.findings.push(finding(99, Severity::Warning));
        let text = report(&many);
        assert_eq!(text.matches("::error ").count(), 10);
        assert_eq!(text.matches("::warning ").count(), 1);
        assert!(text.contains("\nunsnarl: 2 findings more of level error\n"));
    }

    #[test]
    fn accepted_findings_are_no_annotations() {
        let mut one = Report::new();
        one.findings = vec![finding(1, Severity::Error)];
        one.findings[0].accepted = Some("known".into());
        assert_eq!(report(&one), "");
    }
}
