//! JUnit: one test case per test, in the form that Jenkins, GitLab and most others read.
//!
//! Tests that were run over and over are all listed, with their runs and hits as properties. Of a plain run only the
//! tests with findings are known by name; beside them each process is a case, so that a clean run is not an empty file.

use std::collections::BTreeMap;
use std::time::Duration;

use model::finding::Finding;
use model::report::{Report, Test};
use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use crate::options::Options;
use crate::text;
use crate::worst;

/// What JUnit's `name` is for a finding of which no test is known.
const NO_TEST: &str = "(outside of a test)";

/// A case before it is written down: its suite and its name.
type Key = (String, String);

/// What belongs to one case.
#[derive(Default)]
struct Case<'a> {
    test: Option<&'a Test>,
    findings: Vec<&'a Finding>,
}

/// A report as JUnit XML.
///
/// # Panics
///
/// Never: the text is written to memory.
#[must_use]
pub fn report(report: &Report, options: &Options) -> String {
    let mut junit = quick_junit::Report::new("unsnarl");
    let mut suites: BTreeMap<String, TestSuite> = BTreeMap::new();
    for ((suite, name), case) in cases(report) {
        let made = suites.entry(suite.clone());
        let made = made.or_insert_with(|| TestSuite::new(suite.clone()));
        made.add_test_case(case.write(&suite, &name, options));
    }
    junit.add_test_suites(suites.into_values());
    let mut text = junit.to_string().expect("memory can be written");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn cases(report: &Report) -> BTreeMap<Key, Case<'_>> {
    let mut cases: BTreeMap<Key, Case<'_>> = BTreeMap::new();
    for test in &report.tests {
        let key = (test.process.clone(), test.name.clone());
        cases.entry(key).or_default().test = Some(test);
    }
    for finding in worst::first(report) {
        let key = key(report, finding);
        cases.entry(key).or_default().findings.push(finding);
    }
    if report.tests.is_empty() {
        for process in &report.processes {
            let name = format!("all of `{}`", process.name);
            cases.entry(("unsnarl".to_owned(), name)).or_default();
        }
    }
    cases
}

/// The case of a finding: that of the test it names, if it is known.
fn key(report: &Report, finding: &Finding) -> Key {
    let Some(name) = &finding.test else {
        return ("unsnarl".to_owned(), NO_TEST.to_owned());
    };
    let known = report.tests.iter().find(|test| &test.name == name);
    let suite = known.map_or("unsnarl", |test| test.process.as_str());
    (suite.to_owned(), name.clone())
}

impl Case<'_> {
    fn write(&self, suite: &str, name: &str, options: &Options) -> TestCase {
        let mut case = TestCase::new(name, self.status(options));
        case.set_classname(suite);
        if let Some(test) = self.test {
            case.set_time(Duration::from_millis(test.millis));
            case.add_properties(properties(test));
        }
        let marks = self.findings.iter();
        case.add_properties(
            marks.map(|finding| Property::new("fingerprint", finding.fingerprint.as_str())),
        );
        let shown: Vec<String> = self
            .of(false)
            .map(|one| text::finding(one, options))
            .collect();
        if !shown.is_empty() {
            case.set_system_out(shown.join("\n"));
        }
        case
    }

    /// A case fails by what should fail the run; the rest stands in its output.
    fn status(&self, options: &Options) -> TestCaseStatus {
        let failing: Vec<&Finding> = self.of(true).collect();
        let Some(worst) = failing.first() else {
            return TestCaseStatus::success();
        };
        let shown: Vec<String> = failing
            .iter()
            .map(|one| text::finding(one, options))
            .collect();
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status
            .set_type(worst.slug.as_str())
            .set_message(worst.fill(&worst.message))
            .set_description(shown.join("\n"));
        status
    }

    fn of(&self, fails: bool) -> impl Iterator<Item = &Finding> {
        let findings = self.findings.iter().copied();
        findings.filter(move |finding| finding.fails() == fails)
    }
}

fn properties(test: &Test) -> Vec<Property> {
    let mut properties = vec![
        Property::new("runs", test.runs.to_string()),
        Property::new("hits", test.hits.to_string()),
    ];
    properties.extend(
        test.first_hit
            .map(|run| Property::new("first-hit", run.to_string())),
    );
    properties
}
