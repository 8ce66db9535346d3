//! Programs that cannot be explored as others can: the explorer says so.

use std::process::{Command, Output};
use std::sync::atomic::AtomicUsize as Unwatched;
use std::sync::atomic::Ordering::SeqCst;

use unsnarl::sync::Mutex;
use unsnarl::sync::atomic::AtomicUsize;
use unsnarl::sync::mpsc::channel;
use unsnarl::{Explorer, thread};

/// A test of this file, in a process of its own.
fn run_apart(test: &str) -> Output {
    let name = format!("explored_bad_input::{test}");
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--ignored", "--nocapture"])
        .output()
        .unwrap()
}

#[test]
fn a_program_that_does_something_else_each_time_is_told() {
    let runs = Unwatched::new(0);
    let exploration = Explorer::new().schedules(10).run(|| {
        let (one, other) = (AtomicUsize::new(0), Mutex::new(0));
        if runs.fetch_add(1, SeqCst).is_multiple_of(2) {
            one.store(1, SeqCst);
        } else {
            *other.lock().unwrap() += 1;
        }
    });
    let [shown] = exploration.findings() else {
        panic!("{exploration}");
    };
    assert_eq!(shown.slug, "not-deterministic");
    assert!(!shown.is_error);
    assert!(
        shown.text.contains("one.store(1, SeqCst)"),
        "{}",
        shown.text
    );
    assert!(shown.text.contains("other.lock()"), "{}", shown.text);
    assert!(!exploration.exhausted);
}

#[test]
fn where_the_allocator_puts_an_atomic_is_no_difference() {
    let runs = Unwatched::new(0);
    let exploration = Explorer::new().schedules(10).run(|| {
        let places = [AtomicUsize::new(0), AtomicUsize::new(0)];
        for place in [0, runs.fetch_add(1, SeqCst) % 2] {
            places[place].store(1, SeqCst);
        }
        *Mutex::new(0).lock().unwrap() += 1;
    });
    assert!(exploration.findings().is_empty(), "{exploration}");
}

#[test]
fn a_static_that_is_made_once_is_no_difference() {
    static MADE: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    let exploration = Explorer::new().run(|| {
        let count = AtomicUsize::new(0);
        MADE.get_or_init(|| count.fetch_add(1, SeqCst));
    });
    assert!(exploration.findings().is_empty());
    assert!(exploration.exhausted, "{exploration}");
}

#[test]
fn without_a_schedule_or_time_nothing_is_explored() {
    let zero = [
        Explorer::new().schedules(0),
        Explorer::new().time(std::time::Duration::ZERO),
    ];
    for explorer in zero {
        let exploration = explorer.run(|| panic!("nobody runs it"));
        assert_eq!(exploration.schedules, 0);
        let obstacle = exploration.obstacle.unwrap();
        assert!(obstacle.contains("nothing was tried"), "{obstacle}");
    }
}

#[test]
#[should_panic(expected = "nothing was tried")]
fn a_check_without_a_schedule_fails() {
    Explorer::new().schedules(0).check(|| {});
}

#[test]
#[cfg(unix)]
fn who_asks_for_the_systems_own_thread_cannot_be_explored() {
    use std::os::unix::thread::JoinHandleExt;
    let exploration = Explorer::new().run(|| {
        thread::scope(|scope| {
            scope.spawn(|| thread::spawn(|| ()).as_pthread_t());
        });
    });
    let obstacle = exploration.obstacle.unwrap();
    assert!(obstacle.contains("operating system"), "{obstacle}");
}

struct PanicsAlways;

impl Drop for PanicsAlways {
    fn drop(&mut self) {
        panic!("in the destructor");
    }
}

#[test]
fn two_panics_at_once_are_a_finding_and_not_the_end() {
    for is_main in [true, false] {
        let program = || {
            let fail = || {
                let _panics = PanicsAlways;
                panic!("the first");
            };
            if is_main {
                fail();
            }
            let _ = thread::spawn(fail).join();
        };
        let exploration = Explorer::new().schedules(5).keep_going(true).run(program);
        let [shown] = exploration.findings() else {
            panic!("{exploration}");
        };
        assert_eq!(shown.slug, "panic");
        let words = ["ends the process", "the first", "in the destructor"];
        let has_all = words.iter().all(|words| shown.text.contains(words));
        assert!(has_all, "{}", shown.text);
    }
}

#[test]
fn a_destructor_that_panics_where_an_execution_is_cut_short_ends_nothing() {
    let exploration = Explorer::new().schedules(5).keep_going(true).run(|| {
        let (_sender, receiver) = channel::<u8>();
        let handle = thread::spawn(move || {
            let _panics = PanicsAlways;
            let _ = receiver.recv();
        });
        let _ = handle.join();
    });
    let slugs: Vec<_> = exploration
        .findings()
        .iter()
        .map(|shown| &*shown.slug)
        .collect();
    assert_eq!(slugs, ["deadlock"]);
    assert_eq!(exploration.obstacle, None);
}

fn recurse(depth: usize) -> usize {
    let page = std::hint::black_box([depth; 64]);
    if depth == 0 {
        return 0;
    }
    std::hint::black_box(recurse(depth - 1)) + page[depth % 64]
}

#[test]
#[ignore = "ends its process: another test runs it in one of its own"]
fn overflows() {
    Explorer::new().run(|| {
        let handle = thread::spawn(|| recurse(1_000_000));
        handle.join().unwrap();
    });
}

#[test]
fn a_stack_that_overflows_is_told() {
    let output = run_apart("overflows");
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(101), "{words}");
    assert!(words.contains("overflows its stack"), "{words}");
}

#[test]
fn a_larger_stack_is_enough() {
    let program = || {
        let handle = thread::spawn(|| recurse(5_000));
        assert_ne!(handle.join().unwrap(), 0);
    };
    let exploration = Explorer::new().stack_size(64 << 20).run(program);
    assert!(exploration.findings().is_empty());
}
