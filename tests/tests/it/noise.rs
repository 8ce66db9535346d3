//! Fixtures under noise: what fails under some timing is found, and cured twins stay silent whatever happens to them.

#![cfg(feature = "check")]

use std::sync::Mutex;
use std::thread;

use fixtures::fixtures::{Fixture, Run, Variant};
use stress::plan::Plan;
use stress::policy::POLICIES;

use crate::child::{self, Outcome};

const SEEDS_OF_TWINS: u64 = 2;
/// A bug that shows in one of a hundred runs is missed by one in twenty thousand of these tests.
const TRIES: usize = 1_000;
const AT_ONCE: usize = 2;

/// Runs each piece of work, some at once, and fails with all that they complain of.
fn all<T: Send>(
    work: impl Iterator<Item = T> + Send,
    run: impl Fn(T) -> Result<(), String> + Sync,
) {
    let (work, failures) = (Mutex::new(work), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(next) = work.lock().unwrap().next() else {
                        return;
                    };
                    if let Err(reason) = run(next) {
                        failures.lock().unwrap().push(reason);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

fn run(fixture: &Fixture, variant: Variant, plan: Plan) -> Outcome {
    let arguments = ["run", fixture.id, &variant.to_string()];
    child::run_disturbed(&arguments, "record", &plan.to_string()).unwrap()
}

#[test]
fn cured_twins_are_silent_under_every_noise() {
    let plans = || {
        POLICIES.iter().flat_map(|policy| {
            (0..SEEDS_OF_TWINS).map(move |seed| Plan {
                policy,
                seed,
                faults: seed % 2 == 1,
            })
        })
    };
    let cells =
        fixtures::fixtures::all().flat_map(|fixture| plans().map(move |plan| (fixture, plan)));
    all(cells, |(fixture, plan)| {
        let outcome = run(fixture, Variant::Fixed, plan);
        // They do not say what they do without their threads.
        if outcome.struck.lines().any(stress::fault::may_fail_test) {
            return Ok(());
        }
        let is_silent = outcome
            .reports
            .iter()
            .all(|report| report.findings.is_empty());
        if is_silent && outcome.status.is_some_and(|status| status.success()) {
            return Ok(());
        }
        Err(format!(
            "{} under {plan}: {:?} {:#?}\n{}",
            fixture.id, outcome.status, outcome.reports, outcome.stderr
        ))
    });
}

#[test]
fn what_fails_under_some_timing_is_found_by_some_noise() {
    let is_one = |fixture: &&Fixture| {
        fixture
            .buggy
            .as_ref()
            .is_some_and(|bug| bug.run == Run::Timing)
    };
    all(fixtures::fixtures::all().filter(is_one), |fixture| {
        let is_found = (0..TRIES).any(|number| {
            let policy = &POLICIES[number % POLICIES.len()];
            let seed = number as u64;
            shows(
                fixture,
                &run(
                    fixture,
                    Variant::Buggy,
                    Plan {
                        policy,
                        seed,
                        faults: false,
                    },
                ),
            )
        });
        is_found
            .then_some(())
            .ok_or_else(|| format!("{}: not found", fixture.id))
    });
}

/// Whether the bug was found: as a finding of the process, or as a panic in the fixture's file.
fn shows(fixture: &Fixture, outcome: &Outcome) -> bool {
    let slugs = fixture.slugs(Variant::Buggy);
    let mut findings = outcome.reports.iter().flat_map(|report| &report.findings);
    let is_reported = findings.any(|finding| slugs.contains(&finding.slug.as_str()));
    let panic = format!("panicked at fixtures/src/timing/{}:", fixture.file());
    let has_failed = slugs.contains(&model::slug::FLAKY_TEST) && outcome.stderr.contains(&panic);
    is_reported || (has_failed && outcome.status.is_some_and(|status| !status.success()))
}
