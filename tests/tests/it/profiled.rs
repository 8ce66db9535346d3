//! Fixtures under the profiler: what is slow in them is told, as a warning that fails no run, and every cured twin is silent.

use fixtures::fixtures::{Fixture, SLOW, Variant, all};
use model::finding::{Finding, Severity};
use model::profile::Profile;
use model::report::Report;

use crate::child;

/// A machine may have other things to do for a while: so often a bug may hide.
const TRIES: usize = 3;

fn run(fixture: &Fixture, variant: Variant) -> Report {
    let arguments = ["run", fixture.id, &variant.to_string()];
    let outcome = child::run_with(&arguments, "record", &[("UNSNARL_PROFILE", "1")]).unwrap();
    let [report] = &*outcome.reports else {
        panic!("{} {variant}: {}", fixture.id, outcome.stderr);
    };
    report.clone()
}

/// What is wrong with what was told of a buggy program, if anything is.
fn judge(fixture: &Fixture, report: &Report) -> Result<(), String> {
    let slugs = fixture.slugs(Variant::Buggy);
    let file = format!("/{}", fixture.file());
    let is_expected = |finding: &Finding| {
        slugs.contains(&finding.slug.as_str())
            && finding.severity == Severity::Warning
            && finding
                .labels
                .iter()
                .all(|label| label.site.file.ends_with(&file))
    };
    match &*report.findings {
        [finding] if is_expected(finding) => Ok(()),
        findings => Err(format!("{}: {findings:#?}", fixture.id)),
    }
}

#[test]
fn what_is_slow_is_told() {
    for fixture in SLOW {
        let mut complaints = Vec::new();
        let is_told = (0..TRIES).any(|_| {
            let judged = judge(fixture, &run(fixture, Variant::Buggy));
            judged
                .map_err(|complaint| complaints.push(complaint))
                .is_ok()
        });
        assert!(is_told, "{}", complaints.join("\n"));
    }
}

#[test]
fn every_cured_twin_is_silent() {
    let told = all().filter_map(|fixture| {
        let report = run(fixture, Variant::Fixed);
        let findings = report.findings;
        (!findings.is_empty()).then(|| format!("{}: {findings:#?}", fixture.id))
    });
    let told: Vec<String> = told.collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// The profile of a program of the table.
fn profile(id: &str, variant: Variant) -> Profile {
    let fixture = Fixture::find(id).unwrap();
    run(fixture, variant).profile.unwrap()
}

#[test]
fn locks_and_waits_are_counted_by_place() {
    let profile = profile("lock-across-call", Variant::Buggy);
    let [pages] = &*profile.locks else {
        panic!("{:#?}", profile.locks);
    };
    // Four readers of six pages each; the first acquisition is the one that the profiler begins with.
    assert!((23..=24).contains(&pages.acquired), "{pages:#?}");
    assert_eq!(pages.hold.count, pages.acquired);
    // Each fetches a page, which takes two milliseconds or more.
    assert!(pages.hold.sum >= 23 * 2_000_000 && pages.asleep >= 23 * 2_000_000);
    assert!(pages.wait.count == pages.contended && pages.contended > 0);
    let sleeps = profile.blocked.iter().find(|row| row.why.word() == "time");
    assert_eq!(sleeps.unwrap().time.count, 24);
    let readers = profile.places.iter().find(|place| place.site.is_some());
    assert_eq!(
        readers.map(|place| (place.started, place.left)),
        Some((4, 0))
    );
}

#[test]
fn channels_and_lines_have_rows() {
    let bounded = profile("pipeline", Variant::Fixed);
    let [queue] = &*bounded.queues else {
        panic!("{:#?}", bounded.queues);
    };
    assert_eq!((queue.bound, queue.channels), (Some(16), 1));
    assert!(queue.depth.max <= 17, "{queue:#?}");
    assert!(queue.put >= queue.taken);
    let shared = profile("false-sharing", Variant::Buggy);
    let apart = shared.lines.iter().filter(|line| line.apart);
    assert!(apart.count() <= 1, "{:#?}", shared.lines);
}

#[test]
fn without_being_asked_nothing_is_measured() {
    let outcome = child::run(&["run", "pipeline", "buggy"], "record").unwrap();
    assert_eq!(outcome.reports[0].profile, None);
    assert!(outcome.reports[0].findings.is_empty());
}
