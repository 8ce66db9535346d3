//! Plain tests that the environment wants explored: each runs in a process of its own.

use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use unsnarl::sync::atomic::AtomicUsize;
use unsnarl::{Passes, Session, thread};

/// Runs one of the ignored tests here, explored. Returns its exit code and what it said.
fn explored(test: &str) -> (Option<i32>, String) {
    let folder = std::env::temp_dir().join(format!("unsnarl-plain-{}-{test}", std::process::id()));
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("plain::{test}"), "--ignored"])
        .env("UNSNARL_EXPLORE", "1")
        .env("UNSNARL_REPORT_DIR", &folder)
        .env("CARGO_MANIFEST_DIR", &folder)
        .output()
        .unwrap();
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    for file in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        said += &std::fs::read_to_string(file.path()).unwrap_or_default();
    }
    let kept = folder.join("unsnarl-regressions");
    for file in std::fs::read_dir(kept).into_iter().flatten().flatten() {
        said += &file.file_name().to_string_lossy();
    }
    let _ = std::fs::remove_dir_all(folder);
    (output.status.code(), said)
}

/// Two threads that count up; `f` sees what came of it.
fn count_up<R>(step: impl Fn(&AtomicUsize) + Send + Sync + 'static, f: impl Fn(usize) -> R) -> R {
    let hits = Arc::new(AtomicUsize::new(0));
    let step = Arc::new(step);
    let threads = [(); 2].map(|()| {
        let (hits, step) = (Arc::clone(&hits), Arc::clone(&step));
        thread::spawn(move || step(&hits))
    });
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    f(hits.load(SeqCst))
}

fn in_two_steps(hits: &AtomicUsize) {
    hits.store(hits.load(SeqCst) + 1, SeqCst);
}

fn in_one_step(hits: &AtomicUsize) {
    hits.fetch_add(1, SeqCst);
}

#[test]
#[ignore = "another test runs it in a process of its own"]
fn loses_an_update() {
    let test = || count_up(in_two_steps, |hits| assert_eq!(hits, 2));
    Session::run("of::this::name", Passes::ByReturning, test);
}

#[test]
#[ignore = "another test runs it in a process of its own"]
fn loses_none() {
    let test = || count_up(in_one_step, |hits| assert_eq!(hits, 2));
    Session::run("loses_none", Passes::ByReturning, test);
}

#[test]
#[ignore = "another test runs it in a process of its own"]
fn returns_an_error_now_and_then() {
    let test = || {
        count_up(in_two_steps, |hits| {
            if hits == 2 {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        })
    };
    let code = Session::run("returns", Passes::ByReturning, test);
    assert!(code == ExitCode::SUCCESS);
}

#[test]
#[should_panic(expected = "always one of 1 and 2")]
#[ignore = "another test runs it in a process of its own"]
fn has_to_panic_and_does() {
    let test = || {
        count_up(in_two_steps, |hits| {
            assert_eq!(hits, 3, "always one of 1 and 2")
        })
    };
    Session::run("has_to_panic", Passes::ByPanicking, test);
}

#[test]
#[should_panic(expected = "has to panic")]
#[ignore = "another test runs it in a process of its own"]
fn has_to_panic_and_does_not_always() {
    let test = || count_up(in_two_steps, |hits| assert_eq!(hits, 1));
    Session::run("has_to_panic", Passes::ByPanicking, test);
}

#[test]
fn what_some_schedule_shows_fails_the_test_and_is_kept_under_the_name_of_its_session() {
    let (code, said) = explored("loses_an_update");
    assert_eq!(code, Some(101), "{said}");
    for words in [
        "error[panic]",
        "\"slug\": \"panic\"",
        "\"first_hit\": ",
        "of..this..name.txt",
    ] {
        assert!(said.contains(words), "no `{words}` in {said}");
    }
}

#[test]
fn a_test_that_is_right_passes_and_says_how_much_was_explored() {
    let (code, said) = explored("loses_none");
    assert_eq!(code, Some(0), "{said}");
    for words in ["\"exhausted\": true", "\"obstacle\": null", "\"hits\": 0"] {
        assert!(said.contains(words), "no `{words}` in {said}");
    }
}

#[test]
fn an_error_that_is_returned_is_found() {
    let (code, said) = explored("returns_an_error_now_and_then");
    assert_eq!(code, Some(101), "{said}");
    assert!(said.contains("the test returned an error"), "{said}");
}

#[test]
fn a_test_that_has_to_panic_passes_if_it_always_does() {
    let (code, said) = explored("has_to_panic_and_does");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("\"hits\": 0"), "{said}");
    let (code, said) = explored("has_to_panic_and_does_not_always");
    // The harness takes our panic for the test's; the end of the process does not.
    assert_eq!(code, Some(101), "{said}");
    assert!(
        said.contains("the test has to panic, and did not"),
        "{said}"
    );
}
