//! SARIF 2.1.0: what code scanning reads.
//!
//! Follows the OASIS standard of 27 March 2020, and the sizes that GitHub takes: what is beyond them is cut, worst
//! findings first, and the log says so in a notification. Each finding with steps has one code flow with a thread flow
//! per thread; `executionOrder` numbers the steps over all threads.

use model::finding::{Finding, Label, Role, Severity, Step};
use model::report::Report;
use model::site::Site;
use model::slug::{self, Slug};
use serde_json::{Map, Value, json};

use crate::words::count;
use crate::worst;

/// What GitHub shows: results of a run, locations of a result, steps of a code flow.
const RESULTS: usize = 5_000;
const LOCATIONS: usize = 100;
const STEPS: usize = 1_000;
/// How large a file GitHub takes, in bytes, with room for what stands around the results. It counts them compressed; what
/// is smaller than this uncompressed is so for certain.
const SIZE: usize = 9_500_000;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The name under which fingerprints are compared; a change in how they are made changes it.
const FINGERPRINT: &str = "unsnarl/v1";

/// A report as a SARIF log.
///
/// # Panics
///
/// Never: the log holds nothing that JSON cannot say.
#[must_use]
pub fn report(report: &Report) -> String {
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [run(report)],
    });
    let mut text = serde_json::to_string_pretty(&log).expect("a log holds only what JSON can say");
    text.push('\n');
    text
}

fn run(report: &Report) -> Value {
    let findings = worst::first(report);
    let rules = rules(&findings);
    let is_rule = |rule: &Value, finding: &Finding| rule["id"] == finding.slug.as_str();
    let results = findings.iter().take(RESULTS).map(|finding| {
        let index = rules.iter().position(|rule| is_rule(rule, finding));
        result(finding, index.unwrap_or_default())
    });
    let results = fitting(results, SIZE);
    json!({
        "tool": { "driver": {
            "name": "unsnarl",
            "version": report.version,
            "rules": rules,
        }},
        "columnKind": "unicodeCodePoints",
        "invocations": [{
            "executionSuccessful": true,
            "toolExecutionNotifications": notifications(&findings, results.len()),
        }],
        "results": results,
    })
}

/// How far the results of a run are moved in, in the file.
const INDENT: usize = 8;

/// The first of these results that are no larger than `size` together, as they stand in the file.
fn fitting(results: impl Iterator<Item = Value>, size: usize) -> Vec<Value> {
    let mut used = 0;
    let fits = |result: &Value| {
        let text = serde_json::to_string_pretty(result).unwrap_or_default();
        used += text
            .lines()
            .map(|line| line.len() + INDENT + 1)
            .sum::<usize>();
        used <= size
    };
    results.take_while(fits).collect()
}

/// Says what was cut, if so many results were written.
fn notifications(findings: &[&Finding], written: usize) -> Vec<Value> {
    let beyond = |number: u64, what: &str| {
        (number > 0).then(|| {
            let text = format!("{what} left out: more than code scanning shows");
            json!({ "level": "warning", "message": { "text": text } })
        })
    };
    let results = findings.len().saturating_sub(written) as u64;
    let long =
        |finding: &&&Finding| finding.steps.len() > STEPS || finding.labels.len() > LOCATIONS;
    let cut = findings.iter().take(written).filter(long).count() as u64;
    let results = beyond(
        results,
        &format!("{} are", count(results, "finding", "findings")),
    );
    let cut = beyond(
        cut,
        &format!("places of {} are", count(cut, "finding", "findings")),
    );
    results.into_iter().chain(cut).collect()
}

/// The kinds of bug that were found, each once, in the order of their names.
fn rules(findings: &[&Finding]) -> Vec<Value> {
    let mut slugs: Vec<&str> = findings
        .iter()
        .map(|finding| finding.slug.as_str())
        .collect();
    slugs.sort_unstable();
    slugs.dedup();
    slugs
        .into_iter()
        .map(|name| rule(name, slug::find(name)))
        .collect()
}

/// A kind that a later version knows, and this one does not, has only its name.
fn rule(name: &str, known: Option<&Slug>) -> Value {
    let mut rule = Map::new();
    rule.insert("id".into(), json!(name));
    rule.insert("properties".into(), json!({ "tags": ["concurrency"] }));
    if let Some(slug) = known {
        let help = format!("{}\n\n{}", slug.explanation, slug.cure);
        rule.insert("shortDescription".into(), json!({ "text": slug.meaning }));
        rule.insert(
            "fullDescription".into(),
            json!({ "text": slug.explanation }),
        );
        rule.insert("help".into(), json!({ "text": help }));
    }
    Value::Object(rule)
}

fn result(finding: &Finding, rule: usize) -> Value {
    let mut result = Map::new();
    let mut set = |key: &str, value: Value| result.insert(key.to_owned(), value);
    set("ruleId", json!(finding.slug));
    set("ruleIndex", json!(rule));
    set("level", json!(level(finding.severity)));
    set("message", json!({ "text": message(finding) }));
    let of = |role| {
        let labels = finding
            .labels
            .iter()
            .filter(move |label| label.role == role);
        labels.take(LOCATIONS)
    };
    let primary: Vec<Value> = of(Role::Primary)
        .map(|label| labelled(finding, label, None))
        .collect();
    let related: Vec<Value> = (0..)
        .zip(of(Role::Secondary))
        .map(|(id, label)| labelled(finding, label, Some(id)))
        .collect();
    set("locations", Value::Array(primary));
    set("relatedLocations", Value::Array(related));
    if !finding.steps.is_empty() {
        set(
            "codeFlows",
            json!([{ "threadFlows": thread_flows(finding) }]),
        );
    }
    set(
        "partialFingerprints",
        json!({ FINGERPRINT: finding.fingerprint }),
    );
    set("occurrenceCount", json!(finding.count.max(1)));
    if let Some(reason) = &finding.accepted {
        set(
            "suppressions",
            json!([{ "kind": "external", "justification": reason }]),
        );
    }
    set(
        "properties",
        json!({
            "certainty": finding.certainty.word(),
            "test": finding.test,
            "replay": finding.replay,
        }),
    );
    Value::Object(result)
}

fn message(finding: &Finding) -> String {
    let mut text = finding.fill(&finding.message);
    for help in &finding.helps {
        text = format!("{text}\nhelp: {}", finding.fill(help));
    }
    text
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        _ => "note",
    }
}

fn labelled(finding: &Finding, label: &Label, id: Option<u64>) -> Value {
    location(&label.site, &finding.fill(&label.text), id)
}

fn location(site: &Site, text: &str, id: Option<u64>) -> Value {
    let mut location = Map::new();
    if let Some(id) = id {
        location.insert("id".into(), json!(id));
    }
    if !text.is_empty() {
        location.insert("message".into(), json!({ "text": text }));
    }
    let region = json!({ "startLine": site.line.max(1), "startColumn": site.column.max(1) });
    let physical = json!({ "artifactLocation": artifact(&site.file), "region": region });
    location.insert("physicalLocation".into(), physical);
    Value::Object(location)
}

/// A file as a URI: below the root of the sources, or absolute.
fn artifact(file: &str) -> Value {
    let file = file.replace('\\', "/");
    let path = encode(&file);
    if file.starts_with('/') {
        json!({ "uri": format!("file://{path}") })
    } else if file.as_bytes().get(1) == Some(&b':') {
        json!({ "uri": format!("file:///{path}") })
    } else {
        json!({ "uri": path, "uriBaseId": "%SRCROOT%" })
    }
}

/// Percent-encodes what may not stand in the path of a URI (RFC 3986).
fn encode(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=@".contains(&byte);
    path.bytes()
        .map(|byte| match byte {
            _ if is_plain(byte) => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// The steps of each thread, numbered over all of them; threads in the order in which they first take one.
fn thread_flows(finding: &Finding) -> Vec<Value> {
    let numbered: Vec<(usize, &Step)> = (1..).zip(finding.steps.iter().take(STEPS)).collect();
    let mut threads: Vec<&str> = Vec::new();
    for (_, step) in &numbered {
        if !threads.contains(&step.thread.as_str()) {
            threads.push(&step.thread);
        }
    }
    let flow = |thread: &str| {
        let steps = numbered.iter().filter(|(_, step)| step.thread == thread);
        let steps: Vec<Value> = steps
            .map(|&(order, step)| {
                let text = format!("thread `{thread}` {}", finding.fill(&step.text));
                json!({ "executionOrder": order, "location": location(&step.site, &text, None) })
            })
            .collect();
        json!({ "id": thread, "message": { "text": format!("thread `{thread}`") }, "locations": steps })
    };
    threads.into_iter().map(flow).collect()
}

#[cfg(test)]
mod tests {
    use model::finding::{Certainty, Finding, Label, Role, Step};
    use model::report::Report;
    use model::site::Site;
    use serde_json::Value;

    use super::{LOCATIONS, RESULTS, SIZE, STEPS, artifact, report};

    fn log(report_: &Report) -> Value {
        serde_json::from_str(&report(report_)).unwrap()
    }

    #[test]
    fn files_become_uris() {
        assert_eq!(artifact("src/a b.rs")["uri"], "src/a%20b.rs");
        assert_eq!(artifact("/x/ü.rs")["uri"], "file:///x/%C3%BC.rs");
        assert_eq!(artifact("C:\\x.rs")["uri"], "file:///C%3A/x.rs");
    }

    #[test]
    fn what_is_too_much_is_cut_and_said() {
        let mut many = Report::new();
        let site = || Site::new("a.rs", 1, 1);
        let mut long = Finding::new("deadlock", Certainty::Observed, "long");
        long.steps = vec![Step::new("a", site(), "waits"); STEPS + 1];
        long.labels = vec![Label::new(Role::Primary, site(), "here"); LOCATIONS + 1];
        many.findings = vec![Finding::new("deadlock", Certainty::Potential, "x"); RESULTS];
        many.findings.push(long);
        let run = &log(&many)["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), RESULTS);
        let first = &run["results"][0];
        assert_eq!(first["locations"].as_array().unwrap().len(), LOCATIONS);
        let flow = &first["codeFlows"][0]["threadFlows"][0]["locations"];
        assert_eq!(flow.as_array().unwrap().len(), STEPS);
        let notes = &run["invocations"][0]["toolExecutionNotifications"];
        assert_eq!(notes.as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_log_is_no_larger_than_what_is_taken() {
        let mut large = Report::new();
        let mut long = Finding::new("deadlock", Certainty::Observed, "long");
        let site = || Site::new("a.rs", 1, 1);
        long.steps = vec![Step::new("a", site(), "waits"); STEPS];
        large.findings = vec![long; 40];
        let text = report(&large);
        assert!(
            (SIZE / 2..10_000_000).contains(&text.len()),
            "{}",
            text.len()
        );
        let log: Value = serde_json::from_str(&text).unwrap();
        let run = &log["runs"][0];
        let written = run["results"].as_array().unwrap().len();
        let note = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
        let said = format!("{} findings are left out", large.findings.len() - written);
        assert!(note.as_str().unwrap().starts_with(&said), "{note}");
    }
}
