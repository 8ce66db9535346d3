//! The command line of the fixtures.

use crate::child::{self, Outcome};

fn run(arguments: &[&str]) -> (Option<i32>, Outcome) {
    let outcome = child::run(arguments, "exit").unwrap();
    (outcome.status.and_then(|status| status.code()), outcome)
}

#[test]
fn list_shows_id_variant_and_slugs() {
    let (code, outcome) = run(&["list"]);
    assert_eq!(code, Some(0));
    assert!(
        outcome
            .stdout
            .contains("two-locks\tbuggy\tlock-order-cycle\ntwo-locks\tfixed\t-\n")
    );
}

#[test]
fn what_is_not_there_is_refused_by_name() {
    for (arguments, message) in [
        (
            &["run", "no-such", "buggy"][..],
            "error: no fixture is called `no-such`; `list` shows them all\n",
        ),
        (
            &["run", "gate", "buggy"],
            "error: `gate` has no buggy program: it must stay silent\n",
        ),
        (
            &["run", "gate", "cured"],
            "error: `cured` is neither `buggy` nor `fixed`\n",
        ),
    ] {
        let (code, outcome) = run(arguments);
        assert_eq!((code, outcome.stderr.as_str()), (Some(2), message));
    }
}

#[test]
#[cfg_attr(not(feature = "check"), ignore = "needs the feature `check`")]
fn a_finding_is_printed_and_ends_the_process_with_101() {
    let (code, outcome) = run(&["run", "two-locks", "buggy"]);
    assert_eq!(code, Some(101), "{}", outcome.stderr);
    assert_eq!(
        outcome.stderr.matches("error[lock-order-cycle]").count(),
        1,
        "{}",
        outcome.stderr
    );
}

#[test]
#[cfg_attr(not(feature = "check"), ignore = "needs the feature `check`")]
fn under_record_nothing_is_printed() {
    let outcome = child::run(&["run", "two-locks", "buggy"], "record").unwrap();
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
    assert!(outcome.reports.iter().any(|report| report.has_errors()));
}

#[test]
#[cfg_attr(not(feature = "check"), ignore = "needs the feature `check`")]
fn under_panic_the_thread_that_finds_it_panics() {
    let outcome = child::run(&["run", "two-locks", "buggy"], "panic").unwrap();
    assert!(
        outcome.stderr.contains("panicked at")
            && outcome.stderr.contains("unsnarl: lock-order-cycle: "),
        "{}",
        outcome.stderr
    );
    let mut findings = outcome.reports.iter().flat_map(|report| &report.findings);
    let other = findings.find(|finding| finding.slug != "lock-order-cycle");
    assert_eq!(other, None, "a lock that was never taken is not held");
}

#[test]
#[cfg_attr(not(feature = "check"), ignore = "needs the feature `check`")]
fn under_abort_the_process_is_gone_but_its_report_is_not() {
    let outcome = child::run(&["run", "two-locks", "buggy"], "abort").unwrap();
    assert_eq!(outcome.status.and_then(|status| status.code()), None);
    assert!(
        outcome.stderr.contains("error[lock-order-cycle]"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome
            .reports
            .iter()
            .any(|report| report.has_errors() && !report.processes[0].ended)
    );
}

#[test]
#[cfg_attr(not(feature = "check"), ignore = "needs the feature `check`")]
fn an_unknown_wish_is_said_and_the_default_holds() {
    let outcome = child::run(&["run", "two-locks", "buggy"], "explode").unwrap();
    assert_eq!(outcome.status.and_then(|status| status.code()), Some(101));
    assert!(
        outcome
            .stderr
            .contains("`UNSNARL_ON_FINDING=explode` is not one of"),
        "{}",
        outcome.stderr
    );
}
