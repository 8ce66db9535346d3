//! Reading a report: first whether it is one, then the whole of it.

use model::graph::Graph;
use model::report::{Report, SCHEMA};
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::error::Category;

use crate::error::{Error, ErrorKind};

/// What tells a report from other JSON.
#[derive(serde::Deserialize)]
struct Head {
    schema: Option<Value>,
    findings: Option<IgnoredAny>,
}

pub(super) fn report(text: &str) -> Result<Report, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(ErrorKind::Empty.into());
    }
    let found = schema(text)?;
    if found > u64::from(SCHEMA) {
        let known = SCHEMA;
        return Err(ErrorKind::Newer { found, known }.into());
    }
    let report: Report =
        serde_json::from_str(text).map_err(|source| ErrorKind::Damaged { source })?;
    check(&report.graph)?;
    Ok(report)
}

fn schema(text: &str) -> Result<u64, Error> {
    let head: Head = serde_json::from_str(text).map_err(not_a_report)?;
    let number = head.schema.as_ref().and_then(Value::as_u64);
    match (number, head.findings) {
        (Some(number), Some(_)) => Ok(number),
        // A later version may have moved everything but the number.
        (Some(number), None) if number > u64::from(SCHEMA) => Ok(number),
        _ => Err(ErrorKind::Foreign.into()),
    }
}

fn not_a_report(source: serde_json::Error) -> ErrorKind {
    match source.classify() {
        Category::Eof => ErrorKind::Truncated {
            line: source.line(),
            column: source.column(),
        },
        Category::Data => ErrorKind::Foreign,
        _ => ErrorKind::Json { source },
    }
}

/// Whether every class that the graph speaks of is there.
fn check(graph: &Graph) -> Result<(), Error> {
    let edges = graph.edges.iter().enumerate().flat_map(|(index, edge)| {
        let gates = edge.occurrences.iter().flat_map(|one| &one.gates);
        let ends = [&edge.from, &edge.to];
        ends.into_iter()
            .chain(gates)
            .map(move |&class| ("edge", index, class))
    });
    let cycles = graph.innocent.iter().enumerate();
    let cycles = cycles.flat_map(|(index, one)| {
        let classes = one.classes.iter();
        classes.map(move |&class| ("innocent cycle", index, class))
    });
    let classes = graph.classes.len();
    match edges.chain(cycles).find(|&(_, _, class)| class >= classes) {
        None => Ok(()),
        Some((what, index, class)) => Err(ErrorKind::Dangling {
            what,
            index,
            class,
            classes,
        }
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use expect_test::{Expect, expect};

    use super::report;

    fn check(text: &str, expected: Expect) {
        let error = report(text).expect_err("it is no report");
        let source = error
            .source()
            .map_or_else(String::new, |source| format!(": {source}"));
        expected.assert_eq(&format!("{error}{source}"));
    }

    #[test]
    fn what_is_not_json_says_where() {
        check(
            "hello",
            expect!["not a report of unsnarl: it is not JSON: expected value at line 1 column 1"],
        );
        check(" \n", expect!["not a report of unsnarl: it is empty"]);
    }

    #[test]
    fn what_was_cut_off_says_so() {
        check(
            "{\"schema\": 1,\n \"findings\": [{",
            expect!["the report is cut off at line 2 column 15: it was not written to its end"],
        );
    }

    #[test]
    fn other_json_is_foreign() {
        let foreign = "not a report of unsnarl: it is JSON, but without `schema` and `findings`";
        for text in [
            "[1]",
            "3",
            "{}",
            "{\"schema\": \"x\", \"findings\": []}",
            "{\"schema\": 1}",
        ] {
            assert_eq!(report(text).unwrap_err().to_string(), foreign, "{text}");
        }
    }

    #[test]
    fn a_newer_schema_asks_for_an_update() {
        check(
            "{\"schema\": 7}",
            expect!["written by a newer unsnarl (schema 7, this one reads up to 1): update"],
        );
    }

    #[test]
    fn damage_says_where() {
        check(
            "{\"schema\": 1, \"findings\": [{\"severity\": \"fatal\"}]}",
            expect![
                "the report of unsnarl is damaged: unknown variant `fatal`, expected one of `note`, `warning`, `error` at line 1 column 47"
            ],
        );
        check(
            "{\"schema\": 1, \"findings\": [], \"graph\": {\"edges\": [{\"from\": 3}]}}",
            expect!["the report of unsnarl is damaged: edge 0 names class 3 of 0"],
        );
    }

    #[test]
    fn older_reports_are_read_and_lack_nothing() {
        let old = report("{\"schema\": 0, \"findings\": [{\"slug\": \"deadlock\"}]}").unwrap();
        assert_eq!(old.findings[0].slug, "deadlock");
    }
}
