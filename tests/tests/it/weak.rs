//! Weak memory on the fixtures that it is about: the explorer finds the bug with it, and where no race tells of the bug
//! anyway, finds nothing without it.

use fixtures::fixtures::{Bug, Fixture};
use model::slug::DATA_RACE;
use unsnarl::{Exploration, Explorer};

/// Every fixture whose bug is one of memory orderings.
const FIXTURES: &[&str] = &[
    "dcl-relaxed",
    "publish-relaxed",
    "store-buffer",
    "iriw",
    "seqlock",
    "ring-buffer",
    "spsc-ring",
    "work-steal",
];

fn explorer() -> Explorer {
    Explorer::new().schedules(500).max_steps(5_000)
}

fn finds(exploration: &Exploration, bug: &Bug) -> bool {
    let findings = exploration.findings();
    findings
        .iter()
        .any(|shown| bug.slugs.contains(&&*shown.slug))
}

fn judge(id: &str) -> Result<(), String> {
    let fixture = Fixture::find(id).ok_or("there is no such fixture")?;
    let bug = fixture.buggy.as_ref().ok_or("nothing is wrong in it")?;
    let buggy = explorer().run(bug.program);
    if !finds(&buggy, bug) {
        return Err(format!("nothing found: {buggy}"));
    }
    let strong = explorer().weak_memory(false).run(bug.program);
    if !bug.slugs.contains(&DATA_RACE) && !strong.findings().is_empty() {
        return Err("found without weak memory too".to_owned());
    }
    let fixed = explorer().run(fixture.fixed);
    match fixed.findings().first() {
        Some(shown) => Err(format!("false alarm: {}", shown.text)),
        None => Ok(()),
    }
}

#[test]
fn every_bug_of_memory_orderings_is_found_and_every_twin_is_silent() {
    let failures: Vec<String> = FIXTURES
        .iter()
        .filter_map(|id| Some(format!("{id}: {}", judge(id).err()?)))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_cure_is_named() {
    for (id, cure) in [("store-buffer", "`SeqCst` at "), ("iriw", "`SeqCst` at ")] {
        let bug = Fixture::find(id).unwrap().buggy.as_ref().unwrap();
        let buggy = explorer().run(bug.program);
        let text = &buggy.findings()[0].text;
        assert!(text.contains("although true was stored at line"), "{text}");
        assert!(text.contains(cure), "{text}");
    }
}
