//! The JUnit file is one that Jenkins' schema takes, but for two things that it does not know and readers do.

mod schema;

use model::report::Report;
use quick_junit::{Report as Junit, TestCaseStatus};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use unsnarl_render::junit;

use self::schema::{Schema, attributes, name};
use crate::sample;

/// What is written beyond the schema: `disabled` is Ant's, whose form Jenkins' came from, and properties of a test case are
/// what GitLab and pytest have.
const BEYOND: &[&str] = &["<testsuite disabled>", "<testcase> <properties>"];

/// What the schema does not allow of an element below `parent`.
fn complaints(schema: &Schema, element: &BytesStart<'_>, parent: Option<&str>) -> Vec<String> {
    let name = name(element);
    let Some(known) = schema.elements.get(&name) else {
        return vec![format!("<{name}>")];
    };
    let mut complaints = Vec::new();
    let has_place = parent.is_none_or(|parent| schema.elements[parent].children.contains(&name));
    if !has_place {
        complaints.push(format!("<{}> <{name}>", parent.unwrap_or_default()));
    }
    let written = attributes(element);
    let unknown = written
        .keys()
        .filter(|one| !known.attributes.contains_key(*one));
    complaints.extend(unknown.map(|one| format!("<{name} {one}>")));
    let missing = known.required().filter(|one| !written.contains_key(*one));
    complaints.extend(missing.map(|one| format!("<{name}> without {one}")));
    complaints
}

fn text(report: &Report) -> String {
    junit::report(report, &sample::options())
}

#[test]
fn the_file_follows_the_schema() {
    let schema = Schema::read(include_str!("schemas/junit-10.xsd"));
    let text = text(&sample::report());
    let mut reader = Reader::from_str(&text);
    let mut open: Vec<String> = Vec::new();
    let mut complained = Vec::new();
    loop {
        let parent = open.last().map(String::as_str);
        match reader.read_event().unwrap() {
            Event::Start(element) => {
                complained.extend(complaints(&schema, &element, parent));
                open.push(name(&element));
            }
            Event::Empty(element) => complained.extend(complaints(&schema, &element, parent)),
            Event::Text(text) if !text.trim_ascii().is_empty() => {
                let parent = parent.unwrap();
                assert!(schema.elements[parent].has_text, "<{parent}>");
            }
            Event::End(_) => drop(open.pop()),
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty());
    complained.sort();
    complained.dedup();
    let mut beyond = BEYOND.to_vec();
    beyond.sort_unstable();
    assert_eq!(complained, beyond);
}

#[test]
fn what_the_schema_does_not_know_is_seen() {
    let schema = Schema::read(include_str!("schemas/junit-10.xsd"));
    let element = |text| BytesStart::from_content(text, "testcase".len());
    for (text, parent, complaint) in [
        ("testcase name='a'", "testsuite", None),
        ("testcase", "testsuite", Some("<testcase> without name")),
        ("testcase name='a'", "failure", Some("<failure> <testcase>")),
        (
            "testcase name='a' mood='good'",
            "testsuite",
            Some("<testcase mood>"),
        ),
    ] {
        let complaints = complaints(&schema, &element(text), Some(parent));
        assert_eq!(complaints.first().map(String::as_str), complaint);
    }
}

#[test]
fn every_test_is_a_case_and_a_finding_fails_its_own() {
    let junit = Junit::deserialize_from_str(&text(&sample::report())).unwrap();
    let suites = junit.test_suites.iter();
    let cases: Vec<(String, bool)> = suites
        .flat_map(|suite| &suite.test_cases)
        .map(|case| {
            let is_success = matches!(case.status, TestCaseStatus::Success { .. });
            (case.name.to_string(), is_success)
        })
        .collect();
    let expected = [
        ("tests::transfers", false),
        ("tests::quiet", true),
        // A warning and an accepted finding, neither of which names a test.
        ("(outside of a test)", true),
    ];
    let expected = expected.map(|(name, is_success)| (name.to_owned(), is_success));
    assert_eq!(cases, expected);
}

#[test]
fn a_clean_run_has_a_case_for_each_process() {
    let mut report = sample::report();
    (report.findings, report.tests) = (Vec::new(), Vec::new());
    let junit = Junit::deserialize_from_str(&text(&report)).unwrap();
    assert_eq!(junit.tests, 2);
    assert_eq!(junit.failures, 0);
}
