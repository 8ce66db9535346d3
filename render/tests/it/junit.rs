//! The JUnit file is one that Jenkins' schema takes, as far as we write it.

use model::report::Report;
use quick_junit::{Report as Junit, TestCaseStatus};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use unsnarl_render::junit;

use crate::sample;

/// For each element where it may stand, and the attributes that it must have and may have.
const ELEMENTS: &[(&str, &str, &[&str], &[&str])] = &[
    (
        "testsuites",
        "",
        &["name"],
        &["tests", "failures", "errors", "time", "uuid", "timestamp"],
    ),
    (
        "testsuite",
        "testsuites",
        &["name", "tests", "failures", "errors"],
        &["disabled", "time"],
    ),
    ("testcase", "testsuite", &["name", "classname"], &["time"]),
    ("properties", "testcase", &[], &[]),
    ("property", "properties", &["name", "value"], &[]),
    ("failure", "testcase", &["message", "type"], &[]),
    ("system-out", "testcase", &[], &[]),
];

fn check(element: &BytesStart<'_>, parent: &str) {
    let name = String::from_utf8(element.name().as_ref().to_vec()).unwrap();
    let known = ELEMENTS.iter().find(|(known, ..)| *known == name);
    let (_, place, needed, allowed) = known.unwrap_or_else(|| panic!("<{name}>"));
    assert_eq!(*place, parent, "<{name}>");
    let attributes: Vec<String> = element
        .attributes()
        .map(|one| String::from_utf8(one.unwrap().key.as_ref().to_vec()).unwrap())
        .collect();
    for attribute in &attributes {
        let is_known = needed.iter().chain(*allowed).any(|one| one == attribute);
        assert!(is_known, "<{name} {attribute}>");
    }
    for attribute in *needed {
        assert!(
            attributes.iter().any(|one| one == attribute),
            "<{name} {attribute}>"
        );
    }
}

fn text(report: &Report) -> String {
    junit::report(report, &sample::options())
}

#[test]
fn elements_stand_where_they_may() {
    let text = text(&sample::report());
    let mut reader = Reader::from_str(&text);
    let mut open: Vec<String> = Vec::new();
    loop {
        let parent = open.last().cloned().unwrap_or_default();
        match reader.read_event().unwrap() {
            Event::Start(element) => {
                check(&element, &parent);
                open.push(String::from_utf8(element.name().as_ref().to_vec()).unwrap());
            }
            Event::Empty(element) => check(&element, &parent),
            Event::End(_) => drop(open.pop()),
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty());
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
