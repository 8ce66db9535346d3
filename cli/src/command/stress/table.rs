//! What a campaign says of each test, at its end.

use std::fmt::Write as _;
use std::time::Duration;

use model::report::{Report, Test};
use model::slug;
use render::words::count;
use stress::history::{Day, History, Past};
use stress::rate::Rate;

use crate::duration::short;

const HEAD: [&str; 6] = [
    "test",
    "runs",
    "hits",
    "rate, with 95 %",
    "first hit",
    "runs for 95 %",
];

/// The tests in which something was found, a line each, and what the others' silence says.
pub(super) fn tests(tests: &[Test]) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(tests.iter().filter(|test| test.hits > 0).map(row));
    let mut text = if rows.len() > 1 {
        lay_out(&rows)
    } else {
        String::new()
    };
    let silent: Vec<&Test> = tests
        .iter()
        .filter(|test| test.hits == 0 && test.runs > 0)
        .collect();
    if let Some(fewest) = silent.iter().map(|test| test.runs).min() {
        let runs: u64 = silent.iter().map(|test| test.runs).sum();
        let (_, high) = Rate {
            hits: 0,
            runs: fewest,
        }
        .interval();
        let tests = if silent.len() == 1 { "test" } else { "tests" };
        let each = if silent.len() == 1 { "" } else { " each" };
        let _ = writeln!(
            text,
            "{} {tests}, {runs} runs, at least {fewest}{each}: nothing found; what shows in more than {} of the runs \
             would have been, with 95 % certainty",
            silent.len(),
            percent(high)
        );
    }
    text
}

fn row(test: &Test) -> [String; 6] {
    let rate = Rate {
        hits: test.hits,
        runs: test.runs,
    };
    let (low, high) = rate.interval();
    let first = match (test.first_hit, test.first_hit_millis) {
        (Some(run), Some(millis)) => format!("run {run}, {}", short(Duration::from_millis(millis))),
        _ => String::new(),
    };
    [
        format!("{}::{}", test.process, test.name),
        test.runs.to_string(),
        test.hits.to_string(),
        format!("{} – {}", percent(low), percent(high)),
        first,
        rate.runs_to_see()
            .map_or_else(String::new, |runs| runs.to_string()),
    ]
}

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        _ if percent == 0.0 || percent >= 10.0 => format!("{percent:.0} %"),
        _ if percent >= 1.0 => format!("{percent:.1} %"),
        _ => format!("{percent:.2} %"),
    }
}

/// Columns as wide as their widest word; the first to the left, the others to the right.
fn lay_out(rows: &[[String; 6]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..6).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &[String; 6]| {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, &width))| match column {
            0 => format!("{cell:width$}"),
            _ => format!("{cell:>width$}"),
        });
        let cells: Vec<String> = cells.collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// What the history says of each finding, and which are gone, a line each.
pub(super) fn history(history: &History, report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let past = match history.past(&finding.fingerprint) {
            Past::New => "new".to_owned(),
            Past::Known { since, times } => {
                let word = if finding.slug == slug::FLAKY_TEST {
                    "flaky"
                } else {
                    "known"
                };
                format!(
                    "{word} since {}, seen in {} before",
                    Day { second: since },
                    count(times, "campaign", "campaigns")
                )
            }
            Past::Back { since } => {
                format!("back: it was gone, first seen {}", Day { second: since })
            }
        };
        let _ = writeln!(text, "{}: {past}", finding.fingerprint);
    }
    for (fingerprint, runs) in history.gone(report) {
        let _ = writeln!(
            text,
            "{fingerprint}: not seen again in {runs} runs of its test"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use model::report::Test;

    use super::tests;

    fn test(name: &str, runs: u64, hits: u64) -> Test {
        let mut test = Test::new("it", name);
        (test.runs, test.hits, test.millis) = (runs, hits, runs * 3);
        test.first_hit = (hits > 0).then_some(40);
        test.first_hit_millis = test.first_hit.map(|run| run * 30);
        test
    }

    #[test]
    fn hits_have_a_rate_and_silence_has_its_limit() {
        let text = tests(&[
            test("a", 1_000, 10),
            test("b", 2_000, 0),
            test("c", 400, 0),
            test("d", 0, 0),
        ]);
        let expected = "\
test   runs  hits  rate, with 95 %      first hit  runs for 95 %
it::a  1000    10   0.54 % – 1.8 %  run 40, 1.2 s            299
2 tests, 2400 runs, at least 400 each: nothing found; what shows in more than 0.95 % of the runs would have been, with \
95 % certainty
";
        assert_eq!(text, expected);
    }
}
