//! What is done through the pointers that `UnsafeCell::get` returns, read from the source where one is taken.
//!
//! A test process knows that nothing orders two threads that reach a cell, but not what a thread does with a pointer to it,
//! so it tells a warning: a potential `data-race` of an `UnsafeCell`, whose first two labels are the two places. Here it
//! becomes an error where both do something and one of them writes, nothing where both read, and stays a warning where the
//! source does not say.

mod site;

use std::collections::HashMap;

use model::finding::{Certainty, Finding, Severity};
use model::report::Report;
use model::site::Site;
use model::slug;

use self::site::Use;
use crate::source::Sources;

/// Settles every race with a pointer of a report, as far as its source can be found.
pub fn settle(report: &mut Report, sources: &Sources) {
    let mut known = HashMap::new();
    report.findings.retain_mut(|finding| {
        !is_open(finding) || settle_finding(finding, |site| use_at(site, sources, &mut known))
    });
}

fn is_open(finding: &Finding) -> bool {
    let is_cell = |object: &model::finding::Object| object.kind == "UnsafeCell";
    finding.slug == slug::DATA_RACE
        && (finding.certainty, finding.severity) == (Certainty::Potential, Severity::Warning)
        && finding.objects.first().is_some_and(is_cell)
        && finding.labels.len() >= 2
}

/// What is done where the call at this site is written.
fn use_at(site: &Site, sources: &Sources, known: &mut HashMap<String, Option<syn::File>>) -> Use {
    let parsed = known.entry(site.file.clone()).or_insert_with(|| {
        let file = sources.file(&site.file)?;
        syn::parse_file(file.text()).ok()
    });
    let found = parsed.as_ref().and_then(|file| site::find(file, site));
    found.unwrap_or(Use::Unknown)
}

/// Returns whether anything of the finding is left.
fn settle_finding(finding: &mut Finding, mut use_at: impl FnMut(&Site) -> Use) -> bool {
    let sites = [
        finding.labels[0].site.clone(),
        finding.labels[1].site.clone(),
    ];
    let uses = [use_at(&sites[0]), use_at(&sites[1])];
    if uses == [Use::Reads; 2] {
        return false;
    }
    if uses.contains(&Use::Writes) && !uses.contains(&Use::Unknown) {
        finding.certainty = Certainty::Observed;
        finding.severity = Severity::Error;
        for (label, does) in finding.labels.iter_mut().zip(uses) {
            label.text.push_str(does.words());
        }
        return true;
    }
    for (site, does) in sites.iter().zip(uses) {
        if matches!(does, Use::Unknown | Use::Touches) {
            let note = format!("whether {site} writes cannot be read from the source there");
            if !finding.notes.contains(&note) {
                finding.notes.push(note);
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use std::fs;

    use expect_test::{Expect, expect};
    use model::finding::{Certainty, Finding, Label, Object, Role, Severity};
    use model::report::Report;
    use model::site::Site;
    use model::slug;

    use super::settle;
    use crate::source::Sources;

    /// What is left of a race between the calls in these two lines.
    fn check(lines: [&str; 2], expected: &Expect) {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("fn f() {{\n{}\n{}\n}}\n", lines[0], lines[1]);
        fs::write(folder.path().join("x.rs"), text).unwrap();
        let mut finding = Finding::new(slug::DATA_RACE, Certainty::Potential, "race");
        finding.severity = Severity::Warning;
        finding.objects = vec![Object::new("UnsafeCell", None, None, Vec::new())];
        let labels = lines.iter().zip([2, 3]).map(|(line, number)| {
            let call = ["get()", "with(", "with_mut("]
                .iter()
                .find_map(|name| line.find(name));
            let column = call.map_or(1, |at| at + 1);
            let site = Site::new("x.rs", number, u32::try_from(column).unwrap());
            Label::new(Role::Primary, site, "here")
        });
        finding.labels = labels.collect();
        let mut report = Report::new();
        report.findings = vec![finding];
        settle(&mut report, &Sources::with_root(folder.path()));
        let told = report.findings.iter().map(|finding| {
            let labels = finding.labels.iter().map(|label| label.text.as_str());
            let texts: Vec<&str> = labels
                .chain(finding.notes.iter().map(String::as_str))
                .collect();
            format!(
                "{} {}: {}",
                finding.certainty,
                finding.severity,
                texts.join("; ")
            )
        });
        let told: Vec<String> = told.collect();
        expected.assert_eq(&told.join("\n"));
    }

    #[test]
    fn one_that_writes_makes_an_error() {
        check(
            ["unsafe { *c.get() += 1 };", "let x = unsafe { *c.get() };"],
            &expect!["observed error: here, and writes to it; here, and reads it"],
        );
        check(
            ["c.with_mut(|c| ());", "unsafe { (*c.get()).push(1) };"],
            &expect!["observed error: here, and writes to it; here, and uses it"],
        );
    }

    #[test]
    fn two_that_read_are_nothing() {
        check(
            [
                "let x = unsafe { &*c.get() };",
                "unsafe { c.get().read() };",
            ],
            &expect![""],
        );
        check(
            ["c.with(|c| ());", "assert_eq!(unsafe { *c.get() }, 1);"],
            &expect![""],
        );
    }

    #[test]
    fn what_the_source_does_not_say_stays_a_warning() {
        check(
            ["let p = c.get();", "unsafe { *c.get() = 1 };"],
            &expect![
                "potential warning: here; here; whether x.rs:2:11 writes cannot be read from the source there"
            ],
        );
        check(
            ["", "unsafe { *c.get() = 1 };"],
            &expect![
                "potential warning: here; here; whether x.rs:2:1 writes cannot be read from the source there"
            ],
        );
    }
}
