//! Traces: what they say, and what is wrong with them.

use race::event::Op;
use race::tape::{Block, Kind, MAGIC, VERSION};

use crate::support::{Answer, answer, command, folder};

/// Runs `analyze a.std` with these options on a trace.
fn analyze(trace: &str, options: &str) -> Answer {
    let folder = folder(&[("a.std", trace)]);
    answer(&mut command(
        folder.path(),
        &format!("analyze {options} a.std"),
    ))
}

fn check(trace: &str, code: i32, texts: &[&str]) {
    analyze(trace, "").check(code, texts);
}

const RACE: &str = "T1|w(x)|1\nT2|w(x)|2\n";
const HIDDEN: &str = "\
T1|w(x)|a.rs:1:2
T1|acq(l)|a.rs:2:2
T1|rel(l)|a.rs:3:2
T2|acq(l)|a.rs:4:2
T2|rel(l)|a.rs:5:2
T2|w(x)|a.rs:6:2
";
const RING: &str = "\
T1|acq(a)|1
T1|acq(b)|2
T1|rel(b)|3
T1|rel(a)|4
T2|acq(b)|5
T2|acq(a)|6
T2|rel(a)|7
T2|rel(b)|8
";

#[test]
fn a_race_is_shown_in_the_trace() {
    check(
        RACE,
        1,
        &[
            "error[data-race]: threads `T1` and `T2` both write `x`, and nothing orders them",
            "a.std:2:4",
            "observed",
            "2 events of 2 threads on 1 values and 0 locks",
        ],
    );
}

#[test]
fn a_hidden_race_is_predicted_and_told_by_its_place_in_the_source() {
    check(HIDDEN, 1, &["a.rs:6:2", "a.rs:1:2", "potential"]);
    analyze(HIDDEN, "--engines hb,shb").check(0, &["6 events"]);
}

#[test]
fn a_deadlock_is_predicted() {
    check(
        RING,
        1,
        &[
            "error[deadlock]: threads `T1`, `T2` can wait",
            "a.std:6:4",
            "takes `a`",
        ],
    );
}

#[test]
fn a_trace_without_findings_is_clean() {
    check("T1|w(x)|1\n", 0, &["1 events of 1 threads"]);
    check("", 0, &["0 events"]);
}

#[test]
fn findings_are_there_for_programs_too() {
    let answer = analyze(RACE, "--message-format json");
    let document: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(document["events"], 2);
    assert_eq!(document["findings"][0]["slug"], "data-race");
    assert_eq!(document["engines"][0]["name"], "hb");
    assert_eq!(document["engines"][0]["count"], 1);
    assert!(document["error"].is_null());
}

#[test]
fn what_comes_before_an_error_is_analysed() {
    let bad = [
        (
            "T3|swap(x)|3\nT1|r(x)|4\n",
            "line 3: unknown operation `swap`",
        ),
        ("T3|acq(", "line 3: the trace is cut off"),
        (
            "T1|rel(l)|3\n",
            "line 3: thread `T1` releases lock `l`, which it does not hold",
        ),
        (
            "T1|acq(l)|3\nT2|acq(l)|4\n",
            "line 4: thread `T2` acquires lock `l`, which thread `T1` holds",
        ),
        ("\u{0}\u{1}\n", "line 3: not of the form"),
    ];
    for (rest, said) in bad {
        check(
            &format!("{RACE}{rest}"),
            1,
            &[said, "error[data-race]", "what comes before it is analysed"],
        );
        check(&format!("\n\n{rest}"), 3, &[said]);
    }
    let json = analyze(&format!("{RACE}T3|swap(x)|3\n"), "--message-format json");
    let document: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(document["error"]["line"], 3);
}

/// A recording of two threads that write one value.
fn recording() -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.push(VERSION);
    for thread in 0..2 {
        let mut block = Block::new(thread);
        // Without this, nothing is known of what orders the two.
        if thread == 0 {
            block.event(0, Op::Fork(1), None, 0);
        }
        block.event(thread + 1, Op::Write(0), None, 1);
        block.name(Kind::Site, 1, "a.rs:4:5");
        bytes.extend(block.take());
    }
    bytes
}

fn check_recording(bytes: &[u8], code: i32, texts: &[&str]) {
    let folder = folder(&[]);
    std::fs::write(folder.path().join("a.trace"), bytes).unwrap();
    answer(&mut command(folder.path(), "analyze a.trace")).check(code, texts);
}

#[test]
fn a_recording_is_read_as_far_as_it_goes() {
    let whole = recording();
    check_recording(&whole, 1, &["error[data-race]", "a.rs:4:5", "3 events"]);
    let cut = &whole[..whole.len() - 1];
    check_recording(
        cut,
        3,
        &["offset", "cut off in the middle of this block", "2 events"],
    );
    check_recording(&whole[..MAGIC.len()], 3, &["offset 0: not a trace"]);
    let mut newer = whole.clone();
    newer[MAGIC.len()] = VERSION + 1;
    check_recording(&newer, 3, &["a trace of version 2"]);
    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 1;
    check_recording(&damaged, 3, &["this block was damaged"]);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let folder = folder(&[]);
    answer(&mut command(folder.path(), "analyze a.std")).check(2, &["cannot read `a.std`"]);
    analyze(RACE, "--engines fast").check(2, &["fast", "syncp"]);
}
