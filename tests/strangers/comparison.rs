//! Two runs of the same tests, plain and watched: what differs.

use std::collections::BTreeMap;

use model::finding::Finding;

use crate::record::{End, Record};
use crate::suites::Suite;

/// The end of each test, by program and name.
#[derive(Debug)]
pub(crate) struct Ends<'a> {
    records: &'a [Record],
    ends: BTreeMap<(&'a str, &'a str), End>,
}

impl<'a> Ends<'a> {
    /// Those of a run.
    pub(crate) fn of(records: &'a [Record]) -> Self {
        let of_one = |record: &'a Record| {
            let ends = record.ends().into_iter();
            ends.map(|(test, end)| ((&*record.name, test), end))
        };
        Self {
            records,
            ends: records.iter().flat_map(of_one).collect(),
        }
    }

    /// How many ended so.
    pub(crate) fn count(&self, end: End) -> usize {
        self.ends.values().filter(|&&other| other == end).count()
    }

    /// What ended well without us and not so with us.
    pub(crate) fn worse(&self, watched: &Self, suite: &Suite) -> Vec<String> {
        let is_shaky = |test: &str| suite.shaky.iter().any(|(name, _)| *name == test);
        let passed = self.ends.iter().filter(|(_, end)| **end == End::Passed);
        let worse = passed.filter(|((_, test), _)| !is_shaky(test));
        worse
            .filter_map(|(&(program, test), _)| watched.complaint(program, test))
            .collect()
    }

    /// What is wrong with a test that passes without us.
    fn complaint(&self, program: &str, test: &str) -> Option<String> {
        let end = self.ends.get(&(program, test));
        if end == Some(&End::Passed) {
            return None;
        }
        let records = self.records.iter();
        let words: Vec<String> = records
            .filter(|record| record.name == program)
            .map(|record| record.words_of(test))
            .collect();
        Some(format!(
            "{test} of {program}, watched: {end:?}\n    {}",
            words.join("\n    ")
        ))
    }

    /// Names in the table of tests that there are none of.
    pub(crate) fn stale(&self, suite: &Suite) -> Vec<String> {
        let is_there = |name: &str| self.ends.keys().any(|(_, test)| *test == name);
        let names = suite.shaky.iter().map(|(name, _)| name);
        let stale = names.filter(|name| !is_there(name));
        stale
            .map(|name| format!("`{name}` is no test of it"))
            .collect()
    }
}

/// Findings that nobody has judged.
pub(crate) fn unknown(findings: &[Finding], suite: &Suite) -> Vec<String> {
    let is_known = |finding: &Finding| {
        suite.findings.iter().any(|known| {
            let mut sites = finding.labels.iter().map(|label| &label.site);
            known.slug == finding.slug && sites.any(|site| site.file.ends_with(known.file))
        })
    };
    let unknown = findings.iter().filter(|finding| !is_known(finding));
    unknown
        .map(|finding| {
            let sites = finding
                .labels
                .iter()
                .map(|label| format!("\n    {}", label.site));
            let sites: String = sites.collect();
            format!("found: {}: {}{sites}", finding.slug, finding.message)
        })
        .collect()
}
