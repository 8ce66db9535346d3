//! What the end of a run says, beyond what its process has reported itself.

use std::collections::BTreeSet;
use std::path::Path;

use model::finding::{Backtrace, Certainty, Finding, Frame, Label, Role, Step};
use model::site::Site;
use model::slug;

use crate::child::{Ended, How, Sighting};
use crate::fault;
use crate::mix::mix_text;
use crate::stacks::Names;
use crate::subject::Subject;

/// What the standard test harness exits with when a test fails.
pub const TEST_FAILS: i32 = 101;

/// The finding that an end is, if it is one: a crash, an exit, a hang, or a failure. Whether a failing test fails for a
/// reason that is already reported, or fails every time, is for others to tell.
#[must_use]
pub fn finding(subject: &Subject, ended: &Ended, root: &Path) -> Option<Finding> {
    let name = &subject.name;
    match &ended.how {
        How::Exited(0) | How::Stopped => None,
        How::Exited(TEST_FAILS) => Some(failure(subject, ended)),
        How::Exited(code) => {
            let message = format!("the test `{name}` ends its process with exit code {code}");
            Some(new(subject, slug::UNEXPECTED_EXIT, message))
        }
        How::Signalled(signal) => {
            let why = signal_text(*signal, &ended.stderr);
            let message = format!("the test `{name}` crashes: {why}");
            let mut finding = new(subject, slug::CRASH, message);
            finding.notes = last_words(ended);
            Some(finding)
        }
        How::TooLong(threads) => Some(too_long(subject, ended, threads, root)),
        How::Still(threads) => Some(still(subject, ended, threads, root)),
    }
}

fn new(subject: &Subject, slug: &str, message: String) -> Finding {
    let mut finding = Finding::new(slug, Certainty::Observed, message);
    let digest = mix_text(mix_text(0, &subject.process), &subject.name);
    finding.fingerprint = format!("{slug}-{digest:016x}");
    finding
}

fn failure(subject: &Subject, ended: &Ended) -> Finding {
    let name = &subject.name;
    let panic = panics(&ended.stderr).next();
    let said = panic.as_ref().map_or("", |panic| panic.message);
    let message = if said.is_empty() {
        format!("the test `{name}` fails in some runs and passes in others")
    } else {
        format!("the test `{name}` fails in some runs and passes in others: {said}")
    };
    let mut finding = new(subject, slug::FLAKY_TEST, message);
    if let Some(panic) = panic {
        let text = format!("`{name}` fails with a panic here");
        finding.labels = vec![Label::new(Role::Primary, panic.site, text)];
        finding = finding.with_fingerprint();
    }
    finding
}

fn too_long(subject: &Subject, ended: &Ended, threads: &[Sighting], root: &Path) -> Finding {
    let name = &subject.name;
    let limit = ended.took.as_secs_f64();
    let awake = threads.iter().filter(|thread| !thread.sleeps).count();
    let (slug, how) = if threads.is_empty() {
        (slug::TIME_OUT, "nothing is known of its threads".to_owned())
    } else if awake == 0 {
        (
            slug::HANG,
            format!("all of its {} threads sleep", threads.len()),
        )
    } else {
        (
            slug::TIME_OUT,
            format!("{awake} of its {} threads run on", threads.len()),
        )
    };
    let message = format!("the test `{name}` has not ended after {limit:.1} s: {how}");
    with_threads(new(subject, slug, message), subject, ended, threads, root)
}

fn still(subject: &Subject, ended: &Ended, threads: &[Sighting], root: &Path) -> Finding {
    let (name, count) = (&subject.name, threads.len());
    let message = format!(
        "the test `{name}` stands still: each of its {count} threads waits for another one of them"
    );
    with_threads(
        new(subject, slug::HANG, message),
        subject,
        ended,
        threads,
        root,
    )
}

/// The finding with where each thread is.
fn with_threads(
    mut finding: Finding,
    subject: &Subject,
    ended: &Ended,
    threads: &[Sighting],
    root: &Path,
) -> Finding {
    let names = Names::of(&subject.program);
    for thread in threads {
        describe(&mut finding, thread, names.frames(&thread.stack, root));
    }
    finding.notes.extend(last_words(ended));
    finding
}

/// Where a thread is, if it said so in words of the user's code; otherwise only that it is there.
fn describe(finding: &mut Finding, thread: &Sighting, frames: Vec<Frame>) {
    let state = if thread.sleeps { "sleeps" } else { "runs" };
    let name = &thread.name;
    let sites = || frames.iter().filter_map(|frame| frame.site.as_ref());
    // Rather a line of the project than one of a crate that it calls.
    let own = sites().find(|site| Path::new(&*site.file).is_relative());
    let Some(site) = own.or_else(|| sites().next()).cloned() else {
        finding
            .notes
            .push(format!("thread `{name}` ({}) {state}", thread.id));
        return;
    };
    let text = format!("{state} below this call");
    finding.labels.push(Label::new(
        Role::Primary,
        site.clone(),
        format!("thread `{name}` {text}"),
    ));
    finding.steps.push(Step::new(name.as_str(), site, text));
    finding.backtraces.push(Backtrace::new(
        format!("where thread `{name}` {state}"),
        frames,
    ));
}

/// The last line on stderr.
fn last_words(ended: &Ended) -> Vec<String> {
    let mut lines = ended.stderr.lines().rev();
    let last = lines.find(|line| !line.trim().is_empty());
    last.map(|line| format!("its last words: {}", line.trim()))
        .into_iter()
        .collect()
}

/// A panic as the standard library's hook prints it.
struct Panic<'a> {
    site: Site,
    message: &'a str,
}

/// The panics on stderr, but for those with which unsnarl breaks a hang.
fn panics(stderr: &str) -> impl Iterator<Item = Panic<'_>> {
    let starts = stderr.match_indices("panicked at ");
    let panics = starts.filter_map(|(at, head)| {
        let mut lines = stderr[at + head.len()..].lines();
        let site = site(lines.next()?.strip_suffix(':')?)?;
        let message = lines.next().unwrap_or_default().trim();
        Some(Panic { site, message })
    });
    panics.filter(|panic| !panic.message.starts_with("unsnarl: "))
}

/// `file:line:column`.
fn site(text: &str) -> Option<Site> {
    let mut parts = text.rsplitn(3, ':');
    let column = parts.next()?.parse().ok()?;
    let line = parts.next()?.parse().ok()?;
    Some(Site::new(parts.next()?, line, column))
}

const SIGABRT: i32 = 6;

/// Signals that end programs, and what they mean.
const SIGNALS: &[(i32, &str)] = &[
    (4, "SIGILL, an instruction that does not exist"),
    (5, "SIGTRAP, a trap"),
    (
        SIGABRT,
        "SIGABRT, it aborts: a panic while panicking, or in a place that must not unwind",
    ),
    (7, "SIGBUS, memory that is not there"),
    (8, "SIGFPE, arithmetic that cannot be"),
    (
        9,
        "SIGKILL, sent by the system when memory runs out, or by somebody",
    ),
    (11, "SIGSEGV, memory that is not the program's"),
    (13, "SIGPIPE, nobody reads what it writes"),
    (15, "SIGTERM, sent by somebody"),
];

/// How the standard library's last words begin where memory cannot be had.
const NO_MEMORY: &str = "memory allocation of ";

fn signal_text(signal: i32, stderr: &str) -> String {
    let has_no_memory = |line: &str| line.starts_with(NO_MEMORY) && line.ends_with(" failed");
    if signal == SIGABRT && stderr.lines().any(has_no_memory) {
        return "SIGABRT, it is out of memory".to_owned();
    }
    let known = SIGNALS.iter().find(|(number, _)| *number == signal);
    known.map_or_else(
        || format!("signal {signal}"),
        |(_, text)| (*text).to_owned(),
    )
}

/// Whether what the process has reported explains why its test failed.
#[must_use]
pub fn is_explained(finding: &Finding, how: &How, reported: &[Finding]) -> bool {
    let is_why = |other: &Finding| other.certainty == Certainty::Observed && other.fails();
    // A thread that is woken from a hang with a panic aborts the process, if it may not panic there.
    let may_be_ours = finding.slug == slug::FLAKY_TEST || *how == How::Signalled(SIGABRT);
    may_be_ours && reported.iter().any(is_why)
}

/// Whether a test fails only because of a fault that any test would fail of.
#[must_use]
pub fn is_of_fault(finding: &Finding, struck: &BTreeSet<String>) -> bool {
    finding.slug == slug::FLAKY_TEST && struck.iter().any(|name| fault::may_fail_test(name))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use model::finding::{Certainty, Finding};

    use super::{finding, is_explained, is_of_fault, panics};
    use crate::child::{Ended, How, Sighting};
    use crate::fault::{Effect, Fault};
    use crate::stacks::Stack;
    use crate::subject::Subject;

    fn subject(name: &str) -> Subject {
        Subject {
            process: "it".into(),
            name: name.into(),
            program: "x".into(),
            dir: ".".into(),
            variables: Vec::new(),
        }
    }

    fn ended(how: How, stderr: &str) -> Ended {
        Ended {
            how,
            process: 1,
            stdout: String::new(),
            stderr: stderr.into(),
            took: Duration::from_secs(10),
        }
    }

    const PANIC: &str =
        "\nthread 'main' (7) panicked at src/a.rs:3:9:\nassertion failed\nnote: run with\n";

    #[test]
    fn every_end_but_a_good_one_is_a_finding() {
        let sleeping = Sighting {
            id: 1,
            name: "main".into(),
            sleeps: true,
            moves: 0,
            stack: Stack::default(),
        };
        let running = Sighting {
            sleeps: false,
            ..sleeping.clone()
        };
        for (how, slug) in [
            (How::Exited(0), None),
            (How::Stopped, None),
            (How::Exited(101), Some("flaky-test")),
            (How::Exited(3), Some("unexpected-exit")),
            (How::Signalled(11), Some("crash")),
            (How::TooLong(vec![sleeping.clone()]), Some("hang")),
            (How::Still(vec![sleeping.clone()]), Some("hang")),
            (How::TooLong(vec![sleeping, running]), Some("time-out")),
        ] {
            let found = finding(&subject("a"), &ended(how, ""), Path::new("."));
            assert_eq!(found.as_ref().map(|one| one.slug.as_str()), slug);
            if let Some(found) = found {
                assert!(model::slug::find(&found.slug).is_some());
            }
        }
    }

    #[test]
    fn what_comes_of_waking_a_thread_from_a_hang_is_explained_by_the_hang() {
        let hang = Finding::new("deadlock", Certainty::Observed, "x");
        for (how, explained) in [
            (How::Exited(101), true),
            (How::Signalled(6), true),
            (How::Signalled(11), false),
        ] {
            let ended = ended(how, PANIC);
            let end = finding(&subject("a"), &ended, Path::new(".")).unwrap();
            let reported = std::slice::from_ref(&hang);
            assert_eq!(is_explained(&end, &ended.how, reported), explained);
            assert!(!is_explained(&end, &ended.how, &[]));
        }
    }

    #[test]
    fn a_test_that_fails_for_want_of_a_thread_or_by_a_fault_points_panic_is_no_finding() {
        let end = finding(
            &subject("a"),
            &ended(How::Exited(101), PANIC),
            Path::new("."),
        )
        .unwrap();
        for (fault, is_its) in [
            (Fault::Spawn.name().to_owned(), true),
            (Effect::Panic.at("x"), true),
            (Effect::Error.at("x"), false),
            (Fault::Try.name().to_owned(), false),
        ] {
            assert_eq!(
                is_of_fault(&end, &[fault.clone()].into()),
                is_its,
                "{fault}"
            );
        }
    }

    #[test]
    fn a_failure_points_at_its_first_panic() {
        let found = finding(
            &subject("a"),
            &ended(How::Exited(101), PANIC),
            Path::new("."),
        )
        .unwrap();
        assert_eq!(found.labels[0].site.to_string(), "src/a.rs:3:9");
        assert!(
            found.message.ends_with(": assertion failed"),
            "{}",
            found.message
        );
        let ours = "thread 'x' panicked at a.rs:1:2:\nunsnarl: deadlock\n";
        assert_eq!(panics(ours).count(), 0);
    }

    #[test]
    fn who_is_out_of_memory_is_said_to_be() {
        let said = |stderr| {
            let ended = ended(How::Signalled(6), stderr);
            finding(&subject("a"), &ended, Path::new("."))
                .unwrap()
                .message
        };
        let last = "it\nmemory allocation of 9223372036854775799 bytes failed\n";
        assert!(said(last).ends_with("out of memory"));
        assert!(!said(PANIC).contains("out of memory"));
    }

    #[test]
    fn findings_of_two_tests_are_two() {
        let print = |name| {
            finding(
                &subject(name),
                &ended(How::Signalled(6), ""),
                Path::new("."),
            )
            .unwrap()
            .fingerprint
        };
        assert_ne!(print("a"), print("b"));
    }
}
