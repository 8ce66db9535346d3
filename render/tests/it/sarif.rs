//! The SARIF log follows the standard's schema, and a narrower one that knows only what we write.

use model::report::Report;
use serde_json::Value;
use unsnarl_render::sarif;

use crate::sample;

fn log(report: &Report) -> Value {
    serde_json::from_str(&sarif::report(report)).unwrap()
}

/// The standard's schema. One of its patterns has a bracket too many, which its errata take away.
fn standard() -> Value {
    let text = include_str!("schemas/sarif-2.1.0.json");
    let mut schema: Value = serde_json::from_str(text).unwrap();
    for place in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][place]["properties"]["language"];
        language["pattern"] = "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$".into();
    }
    schema
}

fn check(schema: &Value) {
    let validator = jsonschema::validator_for(schema).unwrap();
    for report in [sample::report(), Report::new()] {
        let errors: Vec<String> = validator
            .iter_errors(&log(&report))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn the_log_follows_the_standard() {
    check(&standard());
}

#[test]
fn the_standard_refuses_what_is_no_log() {
    let validator = jsonschema::validator_for(&standard()).unwrap();
    let good = log(&sample::report());
    assert!(validator.is_valid(&good));
    for (place, value) in [
        ("/version", "2.0.0".into()),
        ("/runs/0/results/0/level", "fatal".into()),
        ("/runs/0/results/0/message", Value::Null),
        ("/runs/0/tool/driver/rules/0/id", 7.into()),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(place).unwrap() = value;
        assert!(!validator.is_valid(&bad), "{place}");
    }
}

#[test]
fn the_log_holds_what_we_know_and_no_more() {
    let text = include_str!("schemas/sarif-written.json");
    check(&serde_json::from_str(text).unwrap());
}

#[test]
fn every_result_names_its_rule() {
    let log = log(&sample::report());
    let run = &log["runs"][0];
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(
            run["tool"]["driver"]["rules"][index]["id"],
            result["ruleId"]
        );
    }
}

#[test]
fn each_thread_has_a_flow_and_the_steps_one_order() {
    let mut report = Report::new();
    report.findings = vec![sample::cycle()];
    let log = log(&report);
    let flows = &log["runs"][0]["results"][0]["codeFlows"][0]["threadFlows"];
    let orders = |flow: &Value| -> Vec<u64> {
        let steps = flow["locations"].as_array().unwrap().iter();
        steps
            .map(|step| step["executionOrder"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(
        (&flows[0]["id"], &flows[1]["id"]),
        (&"a".into(), &"b".into())
    );
    assert_eq!(
        (orders(&flows[0]), orders(&flows[1])),
        (vec![1, 3], vec![2, 4])
    );
}

#[test]
fn a_finding_keeps_its_fingerprint_when_lines_move() {
    let print =
        |report: &Report| log(report)["runs"][0]["results"][0]["partialFingerprints"].clone();
    let mut report = Report::new();
    report.findings = vec![sample::cycle()];
    let before = print(&report);
    for label in &mut report.findings[0].labels {
        label.site.line += 7;
    }
    report.findings[0] = report.findings[0].clone().with_fingerprint();
    assert_eq!(before, print(&report));
}
