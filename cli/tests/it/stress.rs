//! `cargo unsnarl stress`: what comes out of campaigns, and of wrong input.
//!
//! The crate's `unsnarl` is a stub; its tests look at the noise that they are given and behave accordingly, so what a
//! campaign sees of them is the same every time.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Answer, answer, command, manifest, on, shared, stub, write};

/// A crate with a test for each thing that a run can do.
fn arena() -> &'static Path {
    static ARENA: OnceLock<TempDir> = OnceLock::new();
    ARENA
        .get_or_init(|| {
            let dependency = format!("[dependencies]\nunsnarl = {{ {} }}\n[workspace]", stub());
            shared(
                "arena",
                &[
                    ("Cargo.toml", &manifest("arena", &dependency)),
                    ("src/lib.rs", ""),
                    ("tests/ring.rs", include_str!("stress/ring.rs")),
                ],
            )
        })
        .path()
}

fn check(line: &str, code: i32, texts: &[&str]) -> Answer {
    let (answer, _reports) = on(arena(), line);
    answer.check(code, texts);
    answer
}

fn report(reports: &TempDir) -> Value {
    let text = fs::read_to_string(reports.path().join("latest/report.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_test_that_fails_under_some_noise_is_found_with_its_rate_and_replay_line() {
    let answer = check(
        "stress --runs 40 --seed 7 -- flaky",
        1,
        &[
            "error[flaky-test]: the test `flaky` fails in some runs and passes in others: not like this",
            "`flaky` fails with a panic here",
            "tests/ring.rs:",
            "rate, with 95 %",
            "ring::flaky",
            "flaky-test-",
            ": new",
        ],
    );
    let line = answer
        .stdout
        .lines()
        .find_map(|line| line.split("to see it again: cargo unsnarl ").nth(1))
        .unwrap();
    check(line, 1, &["the test `flaky` fails", "ring::flaky"]);
}

#[test]
fn a_finding_that_needs_faults_says_so() {
    check(
        "stress --runs 20 --seed 7 -- fragile",
        0,
        &["nothing found"],
    );
    check(
        "stress --runs 20 --seed 7 --faults -- fragile",
        1,
        &[
            "what never happens",
            "seen only in runs with faults",
            "+faults -- --exact fragile",
        ],
    );
}

#[test]
fn ends_that_are_no_answer_are_findings() {
    check("stress --runs 9 -- aborts", 1, &["error[crash]", "SIGABRT"]);
    check(
        "stress --runs 9 -- exits",
        1,
        &["error[unexpected-exit]", "exit code 3"],
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_that_does_not_end_is_ended_and_its_threads_are_named() {
    let line = "stress --runs 3 --timeout 300ms -- hangs";
    check(line, 1, &["error[hang]", "threads sleep", "thread `hangs`"]);
}

#[test]
fn a_flood_of_output_is_no_trouble() {
    check(
        "stress --runs 3 -- floods",
        1,
        &["error[flaky-test]", "after the flood"],
    );
}

#[test]
fn silence_says_what_it_is_worth() {
    let (answer, reports) = on(arena(), "stress --runs 30 -- clean");
    answer.check(
        0,
        &[
            "1 test, 30 runs",
            "nothing found; what shows in more than 11 %",
        ],
    );
    answer.check_without(&["no bugs"]);
    let test = &report(&reports)["tests"][0];
    assert_eq!(
        (&test["name"], &test["runs"]),
        (&"clean".into(), &30.into())
    );
}

#[test]
fn a_test_that_fails_by_itself_is_said_first() {
    let answer = check(
        "stress --runs 5 -- clean failing",
        4,
        &[
            "`failing` fails by itself, without any noise",
            "by itself",
            "--keep-going",
        ],
    );
    answer.check_without(&["error["]);
    let going = check(
        "stress --runs 5 --keep-going -- clean failing",
        4,
        &["5 runs"],
    );
    going.check_without(&["stress the other tests"]);
}

#[test]
fn a_time_too_short_for_every_test_is_said_so() {
    check(
        "stress --time 700ms --jobs 1 --timeout 5s -- slow",
        3,
        &["the time was too short to run each test once; not run: slow_"],
    );
}

#[test]
fn no_test_is_no_campaign() {
    check(
        "stress --runs 5 -- no_such_test",
        3,
        &["there is no test to run"],
    );
}

#[test]
fn tests_without_a_watched_object_are_named_as_such() {
    check(
        "stress --runs 5 -- unwatched",
        3,
        &["no test used a watched object"],
    );
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_built() {
    for (line, text) in [
        ("stress --shard 0/0", "is no shard"),
        ("stress --shard auto", "finds no job number"),
        ("stress --time 0", "as in `90s`"),
        ("stress --runs 0", "--runs"),
        ("stress --runs 5 --time 5s", "cannot be used with"),
        ("stress --replay naps:4", "plain, yields"),
        ("stress --jobs 0", "--jobs"),
        (
            "stress --runner nextest --runs 1 -- clean",
            "without nextest",
        ),
        ("stress --resume -- clean", "no interrupted campaign"),
    ] {
        check(line, 2, &[text]);
    }
}

#[test]
fn ignored_tests_are_run_when_they_are_asked_for() {
    check(
        "stress --runs 2 -- ignored",
        3,
        &["there is no test to run"],
    );
    check(
        "stress --runs 2 -- ignored --ignored",
        0,
        &["1 test, 2 runs"],
    );
    let answer = check(
        "stress --runs 40 --seed 7 -- moody --ignored",
        1,
        &["error[flaky-test]"],
    );
    let again = answer
        .stdout
        .split("to see it again: cargo unsnarl ")
        .nth(1);
    let line = again.unwrap().lines().next().unwrap();
    check(line, 1, &["error[flaky-test]"]);
}

#[test]
fn shards_find_together_what_one_finds_alone() {
    let found = |shards: u64| -> Vec<String> {
        let mut found: Vec<String> = (1..=shards)
            .flat_map(|shard| {
                let line = format!(
                    "stress --runs 40 --seed 7 --shard {shard}/{shards} -- flaky clean aborts"
                );
                let (_, reports) = on(arena(), &line);
                let report = report(&reports);
                let findings = report["findings"].as_array().unwrap().clone();
                findings
                    .into_iter()
                    .map(|one| one["fingerprint"].as_str().unwrap().to_owned())
            })
            .collect();
        found.sort();
        found.dedup();
        found
    };
    let alone = found(1);
    assert_eq!(alone.len(), 2);
    assert_eq!(alone, found(16));
}

#[test]
fn two_campaigns_in_one_folder_do_not_meet() {
    let reports = tempfile::tempdir().unwrap();
    let folder = reports.path().join("stress");
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let mut command = command(arena(), "stress --runs 2 -- clean");
    answer(command.env("UNSNARL_REPORT_DIR", reports.path()))
        .check(2, &["another `cargo unsnarl stress` is at work in"]);
}

#[test]
#[cfg(unix)]
fn a_stopped_campaign_says_what_it_found_and_can_go_on() {
    let reports = tempfile::tempdir().unwrap();
    let mut first = command(arena(), "stress --time 10m --keep-going --seed 7 -- flaky");
    let child = first
        .env("UNSNARL_REPORT_DIR", reports.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let saved = reports.path().join("stress/campaign.json");
    // It saves what it has found every two seconds.
    until("nothing is saved", || {
        fs::read_to_string(&saved).is_ok_and(|text| text.contains("flaky-test"))
    });
    let pid = child.id().to_string();
    assert!(
        std::process::Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{stdout}");
    assert!(
        stdout.contains("error[flaky-test]") && stdout.contains("ring::flaky"),
        "{stdout}"
    );
    let runs = report(&reports)["tests"][0]["runs"].as_u64().unwrap();
    let mut second = command(arena(), "stress --time 2s --resume -- flaky");
    answer(second.env("UNSNARL_REPORT_DIR", reports.path())).check(1, &["seed 7", "flaky since"]);
    assert!(report(&reports)["tests"][0]["runs"].as_u64().unwrap() > runs);
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_campaign_goes_on_where_it_was_and_leaves_no_process_behind() {
    let reports = tempfile::tempdir().unwrap();
    let on = |line: &str| {
        let mut command = command(arena(), line);
        command.env("UNSNARL_REPORT_DIR", reports.path());
        command
    };
    // One of its tests hangs, the other comes to its end.
    let line = "stress --runs 400 --seed 7 --jobs 2 --timeout 10m -- --exact hangs moody --ignored";
    let line = line.replace("--ignored", "--include-ignored");
    let mut child = on(&line)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let saved = reports.path().join("stress/campaign.json");
    until("nothing is saved", || {
        fs::read_to_string(&saved).is_ok_and(|text| text.contains("flaky-test"))
    });
    child.kill().unwrap();
    child.wait().unwrap();
    until("no test hangs", || !left_behind(reports.path()).is_empty());
    // The hang is left out now; the other test is done as often as it was to be, its first run again.
    answer(&mut on("stress --resume -- --exact moody --ignored"))
        .check(1, &["400 runs each, seed 7"]);
    assert_eq!(report(&reports)["tests"][0]["runs"], 401);
    assert_eq!(left_behind(reports.path()), [0; 0]);
}

/// Waits until it is so.
fn until(complaint: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(300), "{complaint}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// The processes that would report below this folder.
fn left_behind(folder: &Path) -> Vec<u32> {
    let mark = format!("UNSNARL_REPORT_DIR={}/stress/runs", folder.display());
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let numbers = processes.filter_map(|one| one.file_name().to_str()?.parse().ok());
    let is_one = |process: &u32| {
        let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(&mark)
    };
    numbers.filter(is_one).collect()
}

#[test]
fn what_an_interrupted_campaign_left_is_checked() {
    let reports = tempfile::tempdir().unwrap();
    let saved = reports.path().join("stress/campaign.json");
    write(&saved, "{\"seed\": 7, \"sha");
    let resume = |more: &str, text: &str| {
        let mut command = command(arena(), &format!("stress --resume{more} -- clean"));
        command.env("UNSNARL_REPORT_DIR", reports.path());
        answer(&mut command).check(2, &[text, "to begin a new one"]);
    };
    resume("", "cannot go on with the campaign in");
    let whole = r#"{"seed": 7, "shard": "1/4", "runs": 9, "marks": [], "report": null}"#;
    write(&saved, whole);
    resume("", "the interrupted campaign is shard 1/4");
    resume(
        " --shard 1/4 --seed 8",
        "the interrupted campaign has seed 7",
    );
}

#[test]
fn what_a_job_sets_for_all_campaigns_gives_way_to_options() {
    for (line, texts) in [
        (
            "stress --runs 3 -- clean",
            &["3 runs each, seed 5, shard 2/2"][..],
        ),
        (
            "stress --replay plain:0 -- clean",
            &["`plain:0`, up to 20 times"],
        ),
    ] {
        let mut command = command(arena(), line);
        let reports = tempfile::tempdir().unwrap();
        command.env("UNSNARL_REPORT_DIR", reports.path()).envs([
            ("UNSNARL_TIME", "9m"),
            ("UNSNARL_SEED", "5"),
            ("UNSNARL_SHARD", "2/2"),
        ]);
        let answer = answer(&mut command);
        assert_ne!(answer.code, Some(2), "{answer}");
        answer.check(answer.code.unwrap(), texts);
    }
}

#[test]
fn a_form_that_cannot_be_written_costs_nothing_else() {
    let reports = tempfile::tempdir().unwrap();
    let line = "stress --runs 9 --format junit=/nowhere/a.xml --format sarif -- aborts";
    let mut command = command(arena(), line);
    answer(command.env("UNSNARL_REPORT_DIR", reports.path())).check(
        70,
        &[
            "cannot write `/nowhere/a.xml`",
            "error[crash]",
            "ring::aborts",
            ": new",
        ],
    );
    assert!(reports.path().join("latest/report.sarif").is_file());
    assert!(reports.path().join("history.jsonl").is_file());
}

#[test]
fn damaged_history_is_left_out_and_said() {
    let reports = tempfile::tempdir().unwrap();
    fs::write(reports.path().join("history.jsonl"), "not a line\n").unwrap();
    let mut command = command(arena(), "stress --runs 9 -- aborts");
    answer(command.env("UNSNARL_REPORT_DIR", reports.path()))
        .check(1, &["1 lines of", "cannot be read", ": new"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let line = format!("stress --runs 2 --report-dir {} -- clean", file.display());
    check(&line, 70, &["cannot write", "--report-dir"]);
}
