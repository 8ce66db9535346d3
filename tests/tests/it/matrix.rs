//! The matrix: every fixture, buggy and fixed. A silent engine and a noisy twin are both failures.

use std::sync::Mutex;
use std::thread;

use fixtures::fixtures::{Fixture, Run, Variant, all};
use model::finding::{Finding, Severity};
use model::report::Report;

use crate::child::{self, Outcome};

const IS_WATCHED: bool = cfg!(feature = "check");
/// False alarms depend on timing, so one silent run says little.
const RUNS_OF_FIXED: usize = if IS_WATCHED { 5 } else { 1 };
const AT_ONCE: usize = 2;

#[derive(Clone, Copy)]
struct Cell {
    fixture: &'static Fixture,
    variant: Variant,
}

#[test]
fn every_bug_is_found_and_every_twin_is_silent() {
    let cells = Mutex::new(all().flat_map(cells_of));
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(cell) = cells.lock().unwrap().next() else {
                        return;
                    };
                    if let Err(reason) = cell.run() {
                        failures.lock().unwrap().push(reason);
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    failures.dedup();
    assert!(
        failures.is_empty(),
        "{} cells fail\n\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// The runs of a fixture that end: without the feature `check`, nothing breaks a knot.
fn cells_of(fixture: &'static Fixture) -> impl Iterator<Item = Cell> {
    let cell = move |variant| Cell { fixture, variant };
    let buggy = fixture
        .buggy
        .as_ref()
        .filter(|bug| !bug.run.needs_luck() && (IS_WATCHED || bug.run == Run::Quiet))
        .map(|_| cell(Variant::Buggy));
    buggy
        .into_iter()
        .chain([cell(Variant::Fixed); RUNS_OF_FIXED])
}

impl Cell {
    fn run(self) -> Result<(), String> {
        let Self { fixture, variant } = self;
        let arguments = ["run", fixture.id, &variant.to_string()];
        let outcome = child::run(&arguments, "record").map_err(|error| error.to_string());
        outcome
            .and_then(|outcome| {
                self.judge(&outcome)
                    .map_err(|reason| format!("{reason}\n{}", outcome.stderr))
            })
            .map_err(|reason| format!("{} {variant}: {reason}", fixture.id))
    }

    fn judge(self, outcome: &Outcome) -> Result<(), String> {
        let Some(status) = outcome.status else {
            let found: Vec<_> = outcome.reports.iter().flat_map(one_line_each).collect();
            return Err(format!("hangs; until then: {found:#?}"));
        };
        if !status.success() && self.variant == Variant::Fixed {
            return Err(format!("ends with {status}"));
        }
        match (&*outcome.reports, self.fixture.slugs(self.variant)) {
            ([], _) if !IS_WATCHED => Ok(()),
            ([report], []) => self.judge_silence(report),
            ([report], slugs) => self.judge_findings(report, slugs),
            (reports, _) => Err(format!("{} reports", reports.len())),
        }
    }

    fn judge_silence(self, report: &Report) -> Result<(), String> {
        if !report.findings.is_empty() {
            return Err(format!("false alarm: {:#?}", one_line_each(report)));
        }
        if !report.processes.iter().all(|process| process.ended) {
            return Err("the report is not that of a process that came to its end".to_owned());
        }
        Ok(())
    }

    fn judge_findings(self, report: &Report, slugs: &[&str]) -> Result<(), String> {
        let is_expected = |finding: &&Finding| slugs.contains(&&*finding.slug);
        let (expected, others): (Vec<&Finding>, Vec<&Finding>) = report
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .partition(is_expected);
        if expected.is_empty() || !others.is_empty() {
            return Err(format!(
                "{slugs:?} expected, found: {:#?}",
                one_line_each(report)
            ));
        }
        if !expected
            .iter()
            .any(|finding| self.points_into_file(finding))
        {
            return Err(format!(
                "no finding has two labels in {}: {expected:#?}",
                self.fixture.file()
            ));
        }
        Ok(())
    }

    fn points_into_file(self, finding: &Finding) -> bool {
        let file = format!("/{}", self.fixture.file());
        let labels = finding.labels.iter();
        labels
            .filter(|label| label.site.file.ends_with(&file))
            .count()
            >= 2
    }
}

fn one_line_each(report: &Report) -> Vec<String> {
    let findings = report.findings.iter();
    findings
        .map(|finding| {
            let sites: Vec<_> = finding
                .labels
                .iter()
                .map(|label| label.site.to_string())
                .collect();
            let (severity, slug) = (finding.severity, &finding.slug);
            format!("{severity}[{slug}] at {}", sites.join(", "))
        })
        .collect()
}
