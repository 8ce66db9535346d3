//! Markdown: the summary of a job, as GitHub and GitLab show it.
//!
//! GitHub takes at most a mebibyte of it from each step; findings that do not fit are counted.

use std::fmt::Write;

use model::finding::Finding;
use model::report::{Report, Test};

use crate::options::Options;
use crate::text;
use crate::words::{count, length};
use crate::worst;

/// Less than a mebibyte, with room for the lines after it.
const LIMIT: usize = 1000 * 1024;

/// A report as Markdown.
#[must_use]
pub fn report(report: &Report, options: &Options) -> String {
    let mut page = format!("## unsnarl\n\n{}\n", escape(&text::summary(report)));
    page.push_str(&tests(&report.tests));
    #[cfg(feature = "profile")]
    if let Some(profile) = &report.profile {
        page.push_str(&crate::profile::markdown(profile));
    }
    let findings = worst::first(report);
    let mut shown = 0;
    for finding in &findings {
        let section = section(finding, options);
        if page.len() + section.len() > LIMIT {
            break;
        }
        page.push_str(&section);
        shown += 1;
    }
    let rest = (findings.len() - shown) as u64;
    if rest > 0 {
        let more = count(rest, "finding does", "findings do");
        let _ = write!(page, "\n{more} not fit here; the report has them.\n");
    }
    page
}

/// The tests that were run over and over, and in which something was found; the others are counted.
fn tests(tests: &[Test]) -> String {
    if tests.is_empty() {
        return String::new();
    }
    let runs: u64 = tests.iter().map(|test| test.runs).sum();
    let mut table = format!(
        "\n{} of {}.\n",
        count(runs, "run", "runs"),
        count(length(tests), "test", "tests")
    );
    let hit: Vec<&Test> = tests.iter().filter(|test| test.hits > 0).collect();
    if !hit.is_empty() {
        table.push_str("\n| test | runs | hits | first hit |\n|---|--:|--:|--:|\n");
    }
    for test in hit {
        let first = test
            .first_hit
            .map_or_else(String::new, |run| format!("run {run}"));
        let name = cell(&test.name);
        let _ = writeln!(
            table,
            "| `{name}` | {} | {} | {first} |",
            test.runs, test.hits
        );
    }
    table
}

/// One finding: what is wrong, and the whole of it folded away.
fn section(finding: &Finding, options: &Options) -> String {
    let message = finding.fill(&finding.message);
    let mut text = format!("\n### {}: {}\n\n", finding.slug, escape(&message));
    let facts = [
        Some(format!("{}, {}", finding.severity, finding.certainty)),
        finding
            .test
            .as_ref()
            .map(|test| format!("test `{}`", cell(test))),
        finding
            .accepted
            .as_ref()
            .map(|why| format!("accepted: {}", escape(why))),
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let _ = writeln!(text, "{}", facts.join(" · "));
    for help in &finding.helps {
        let _ = write!(text, "\n**help:** {}\n", escape(&finding.fill(help)));
    }
    if let Some(replay) = &finding.replay {
        let _ = write!(text, "\n{}", fenced("sh", replay));
    }
    let whole = text::finding(finding, options);
    let _ = write!(
        text,
        "\n<details><summary>source and steps</summary>\n\n{}\n</details>\n",
        fenced("text", &whole)
    );
    text
}

/// A block of code whose fence is longer than any in it.
fn fenced(language: &str, code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", code.trim_end())
}

/// Text in which only backticks keep their meaning.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut is_code = false;
    for character in text.chars() {
        is_code ^= character == '`';
        if !is_code && "\\*_[]<>#|&".contains(character) {
            escaped.push('\\');
        }
        escaped.push(if character == '\n' { ' ' } else { character });
    }
    escaped
}

/// A name inside backticks, inside a table.
fn cell(name: &str) -> String {
    name.replace('`', "'")
        .replace('|', "\\|")
        .replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use model::finding::{Certainty, Finding};
    use model::report::Report;

    use super::{LIMIT, escape, fenced, report};
    use crate::options::Options;

    #[test]
    fn code_keeps_its_characters_and_text_does_not() {
        assert_eq!(escape("a_b `c_d` <e>"), "a\\_b `c_d` \\<e\\>");
        assert_eq!(
            fenced("text", "```\nx\n```"),
            "````text\n```\nx\n```\n````\n"
        );
    }

    #[test]
    fn a_summary_stays_below_what_is_shown() {
        let mut many = Report::new();
        let long = "x".repeat(20_000);
        many.findings = (0..100)
            .map(|_| Finding::new("deadlock", Certainty::Observed, long.clone()))
            .collect();
        let page = report(&many, &Options::default());
        assert!(page.len() < LIMIT + 100, "{}", page.len());
        assert!(page.contains(" findings do not fit here"));
    }
}
