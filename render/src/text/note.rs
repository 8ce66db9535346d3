//! Notes: what stands below the source of a finding.

use std::collections::BTreeSet;
use std::fmt::Write;

use annotate_snippets::{Level, Message};
use model::finding::{Backtrace, Certainty, Finding, Frame, Label};
use model::owner::{Owner, Whose};

use super::schedule;
use crate::options::Detail;

/// The notes and helps of a finding, and what its labels say where their source is missing.
pub(super) fn messages(
    finding: &Finding,
    missing: &[&Label],
    detail: Detail,
) -> Vec<Message<'static>> {
    let mut notes: Vec<String> = missing.iter().map(|label| place(finding, label)).collect();
    if detail != Detail::Short {
        notes.extend(schedule::table(finding));
        notes.extend(steps(finding));
    }
    if detail == Detail::Full {
        notes.extend(finding.backtraces.iter().map(|one| backtrace(finding, one)));
    }
    notes.extend(finding.notes.iter().map(|note| finding.fill(note)));
    notes.extend(owners(finding));
    notes.push(certainty(finding));
    let replay = finding
        .replay
        .iter()
        .map(|line| format!("to see it again: {line}"));
    let helps = finding.helps.iter().map(|help| finding.fill(help));
    (notes.into_iter().map(|text| Level::NOTE.message(text)))
        .chain(helps.map(|text| Level::HELP.message(text)))
        .chain(replay.map(|text| Level::NOTE.message(text)))
        .collect()
}

fn place(finding: &Finding, label: &Label) -> String {
    let text = finding.fill(&label.text);
    let gap = if text.is_empty() { "" } else { ": " };
    format!("{}{gap}{text}", label.site)
}

/// The interleaving as a table: who, what, where.
fn steps(finding: &Finding) -> Option<String> {
    let width = |texts: Vec<String>| texts.iter().map(|text| text.chars().count()).max();
    let texts: Vec<String> = finding
        .steps
        .iter()
        .map(|step| finding.fill(&step.text))
        .collect();
    let threads = width(finding.steps.iter().map(|s| s.thread.clone()).collect())?;
    let wide = width(texts.clone())?;
    let mut table = match finding.certainty {
        Certainty::Observed => "what each thread holds and waits for:",
        _ => "the same steps in an order that ends badly:",
    }
    .to_owned();
    for (step, text) in finding.steps.iter().zip(&texts) {
        let line = format!("\n{:threads$}  {text:wide$}  {}", step.thread, step.site);
        table.push_str(line.trim_end());
    }
    Some(table)
}

/// Which files of the finding are not the workspace's, each with its owner.
fn owners(finding: &Finding) -> Vec<String> {
    let others: BTreeSet<(&str, &Owner)> = finding
        .labels
        .iter()
        .filter_map(|label| Some((label.site.file.as_str(), label.owner.as_ref()?)))
        .filter(|(_, owner)| matches!(owner.whose, Whose::Dependency | Whose::Std))
        .collect();
    let words = |(file, owner)| format!("`{file}` is part of {owner}");
    others.into_iter().map(words).collect()
}

fn backtrace(finding: &Finding, backtrace: &Backtrace) -> String {
    let mut text = finding.fill(&backtrace.title);
    for (number, frame) in backtrace.frames.iter().enumerate() {
        let _ = write!(text, "\n{number:4}: {}", frame.function);
        text.push_str(&frame_site(frame));
    }
    text
}

fn frame_site(frame: &Frame) -> String {
    frame
        .site
        .as_ref()
        .map_or_else(String::new, |site| format!("\n             at {site}"))
}

/// How sure it is, in which test it was found, how often, and why it is accepted.
fn certainty(finding: &Finding) -> String {
    let sure = match finding.certainty {
        Certainty::Observed => "observed: it happened in this run",
        _ => "potential: it did not happen in this run, but another timing may show it",
    };
    let mut text = sure.to_owned();
    if let Some(test) = &finding.test {
        let _ = write!(text, "; found in test `{test}`");
    }
    if finding.count > 1 {
        let _ = write!(text, "; found {} times", finding.count);
    }
    if let Some(reason) = &finding.accepted {
        let _ = write!(text, "; accepted: {reason}");
    }
    text
}
