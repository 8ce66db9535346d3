//! The published schema says what reports are, no more and no less.

use model::report::Report;
use serde_json::{Value, json};
use unsnarl_render::json;

use crate::sample;

fn schema() -> Value {
    serde_json::from_str(include_str!("../../schema/report.schema.json")).unwrap()
}

/// The schema with every object closed, and every property required.
fn strict(mut schema: Value) -> Value {
    fn close(value: &mut Value) {
        if let Some(properties) = value.get("properties").and_then(Value::as_object) {
            let names: Vec<String> = properties.keys().cloned().collect();
            value["required"] = json!(names);
            value["additionalProperties"] = json!(false);
        }
        match value {
            Value::Object(map) => map.values_mut().for_each(close),
            Value::Array(list) => list.iter_mut().for_each(close),
            _ => {}
        }
    }
    close(&mut schema);
    schema
}

fn check(schema: &Value, report: &Report) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let value: Value = serde_json::from_str(&json::to_string(report)).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn reports_follow_the_schema() {
    check(&schema(), &sample::report());
    check(&schema(), &Report::new());
}

#[test]
fn the_schema_knows_every_field_and_no_other() {
    check(&strict(schema()), &sample::report());
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for other in [json!({}), json!([]), json!({"schema": 2, "findings": []})] {
        assert!(!validator.is_valid(&other), "{other}");
    }
}

#[test]
fn a_report_comes_back_as_it_was() {
    let report = sample::report();
    assert_eq!(json::from_str(&json::to_string(&report)).unwrap(), report);
}

#[test]
fn a_report_cut_off_anywhere_is_refused() {
    let text = json::to_string(&sample::report());
    for length in 0..text.trim_end().len() {
        assert!(json::from_str(&text[..length]).is_err(), "{length}");
    }
}
