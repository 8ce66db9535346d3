//! The explorer on every fixture: what is wrong with the buggy one happens or shows in some schedule, and its token shows
//! it again; the cured one is silent in all of them.

use fixtures::fixtures::{FIXTURES, Fixture, Run};
use unsnarl::Explorer;

/// Schedules for each program.
const SCHEDULES: usize = 300;

/// What the race detector, the judge of regions and the leak check find, which need no other schedule.
const FOR_OTHERS: &[&str] = &[
    "aba",
    "check-then-act",
    "data-race",
    "leaked-channel",
    "leaked-thread",
    "lost-update",
];

fn is_for_others(fixture: &Fixture) -> bool {
    let is_for_others = |slug: &&str| FOR_OTHERS.contains(slug);
    fixture
        .buggy
        .as_ref()
        .is_some_and(|bug| bug.slugs.iter().all(is_for_others))
}

fn explorer() -> Explorer {
    Explorer::new().schedules(SCHEDULES).max_steps(5_000)
}

fn judge(fixture: &Fixture) -> Vec<String> {
    let mut failures = Vec::new();
    let fixed = explorer().run(fixture.fixed);
    let complaint = |text: &str| format!("{}: {text}", fixture.id);
    let false_alarms = fixed.findings().iter().filter(|shown| shown.is_error);
    failures.extend(false_alarms.map(|shown| complaint(&format!("false alarm: {}", shown.text))));
    failures.extend(fixed.obstacle.as_deref().map(complaint));
    let Some(bug) = fixture.buggy.as_ref().filter(|_| !is_for_others(fixture)) else {
        return failures;
    };
    let buggy = explorer().run(bug.program);
    failures.extend(buggy.obstacle.as_deref().map(complaint));
    let Some(found) = buggy.findings().first() else {
        failures.push(complaint(&format!("nothing found: {buggy}")));
        return failures;
    };
    if bug.run == Run::Endless && !bug.slugs.contains(&&*found.slug) {
        failures.push(complaint(&found.text));
    }
    if !found.is_observed && bug.run != Run::Quiet {
        failures.push(complaint("did not happen"));
    }
    if let Some(token) = &found.replay {
        let again = explorer().replay(token).run(bug.program);
        if !again
            .findings()
            .iter()
            .any(|shown| shown.slug == found.slug)
        {
            failures.push(complaint(&format!("`{token}` shows nothing")));
        }
    }
    failures
}

#[test]
fn every_bug_is_explored_and_every_twin_is_silent() {
    let failures: Vec<_> = FIXTURES.iter().flat_map(judge).collect();
    assert!(
        failures.is_empty(),
        "{}\n\n{}",
        failures.len(),
        failures.join("\n")
    );
}
