//! What operations may do by their contracts, and nearly never do.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use unsnarl::sync::atomic::AtomicUsize;
use unsnarl::sync::mpsc::channel;
use unsnarl::sync::{Condvar, Mutex};
use unsnarl::{Exploration, Explorer, thread};

const STRATEGIES: &[&str] = &[
    "portfolio",
    "random",
    "kinds",
    "pct",
    "pos",
    "surw",
    "urw",
    "dfs",
    "dpor",
];

/// What each strategy finds.
#[track_caller]
fn all_find(explorer: &Explorer, program: impl Fn() + Send + Sync + Copy, step: &str) {
    for strategy in STRATEGIES {
        let exploration = explorer.clone().strategy(strategy).run(program);
        let [shown] = exploration.findings() else {
            panic!("{strategy}: {exploration}");
        };
        assert_eq!(shown.slug, "panic");
        assert!(shown.text.contains(step), "{strategy}: {}", shown.text);
        let token = shown.replay.as_deref().unwrap();
        let again = explorer.clone().replay(token).run(program);
        assert_eq!(again.obstacle, None, "{token}");
        assert_eq!(again.findings().len(), 1, "{token}");
    }
}

#[track_caller]
fn exhausted(explorer: &Explorer, program: impl Fn() + Send + Sync) -> Exploration {
    let exploration = explorer
        .clone()
        .schedules(10_000)
        .strategy("dpor")
        .run(program);
    assert!(exploration.exhausted, "{exploration}");
    exploration
}

/// Sleeps until another thread has set the flag, looking at it once only.
fn if_wait() {
    let (flag, changed) = (&Mutex::new(false), &Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            *flag.lock().unwrap() = true;
            changed.notify_one();
        });
        let mut is_set = flag.lock().unwrap();
        if !*is_set {
            is_set = changed.wait(is_set).unwrap();
        }
        assert!(*is_set, "woken for nothing");
    });
}

#[test]
fn a_sleeper_wakes_for_no_reason() {
    all_find(&Explorer::new(), if_wait, "for no reason");
    let without = Explorer::new().spurious(false);
    assert!(exhausted(&without, if_wait).findings().is_empty());
}

#[test]
fn who_looks_again_is_silent() {
    let program = || {
        let (flag, changed) = (&Mutex::new(false), &Condvar::new());
        thread::scope(|scope| {
            scope.spawn(|| {
                *flag.lock().unwrap() = true;
                changed.notify_one();
            });
            let is_set = flag.lock().unwrap();
            drop(changed.wait_while(is_set, |is_set| !*is_set).unwrap());
        });
    };
    assert!(exhausted(&Explorer::new(), program).findings().is_empty());
}

#[test]
fn a_parked_thread_goes_on_for_no_reason() {
    let program = || {
        let ready = &AtomicUsize::new(0);
        thread::scope(|scope| {
            let sleeper = scope.spawn(|| {
                thread::park();
                assert_eq!(ready.load(SeqCst), 1, "unparked for nothing");
            });
            ready.store(1, SeqCst);
            sleeper.thread().unpark();
        });
    };
    all_find(&Explorer::new(), program, "though nobody unparked it");
    let without = Explorer::new().spurious(false);
    assert!(exhausted(&without, program).findings().is_empty());
}

#[test]
fn a_weak_exchange_fails_for_no_reason() {
    let program = || {
        let slot = AtomicUsize::new(0);
        let taken = slot.compare_exchange_weak(0, 1, SeqCst, SeqCst);
        assert_eq!(taken, Ok(0), "nobody else is here");
    };
    all_find(&Explorer::new(), program, "in vain, for no reason");
    let without = Explorer::new().weak_failures(false);
    assert!(exhausted(&without, program).findings().is_empty());
}

#[test]
fn a_loop_of_weak_exchanges_is_exhausted() {
    let program = || {
        let count = &AtomicUsize::new(0);
        let add = || {
            while count
                .fetch_update(SeqCst, SeqCst, |count| Some(count + 1))
                .is_err()
            {}
        };
        thread::scope(|scope| {
            scope.spawn(add);
            scope.spawn(add);
        });
        assert_eq!(count.load(SeqCst), 2);
    };
    assert!(exhausted(&Explorer::new(), program).findings().is_empty());
}

#[test]
fn a_free_lock_is_tried_in_vain_only_if_asked_for() {
    let program = || {
        let lock = Mutex::new(());
        assert!(lock.try_lock().is_ok(), "nobody else is here");
    };
    all_find(
        &Explorer::new().failing_tries(true),
        program,
        "in vain, for no reason",
    );
    assert!(exhausted(&Explorer::new(), program).findings().is_empty());
}

#[test]
fn a_timeout_comes_early_only_if_asked_for() {
    let program = || {
        let (sender, receiver) = channel();
        thread::spawn(move || sender.send(1));
        let hour = Duration::from_secs(3600);
        assert_eq!(receiver.recv_timeout(hour), Ok(1), "an hour is enough");
    };
    let early = Explorer::new().early_timeouts(true);
    all_find(&early, program, "in vain");
    assert!(exhausted(&Explorer::new(), program).findings().is_empty());
}

#[test]
fn who_sleeps_may_come_before_who_works() {
    let program = || {
        let done = &AtomicUsize::new(0);
        thread::scope(|scope| {
            scope.spawn(|| done.store(1, SeqCst));
            thread::sleep(Duration::from_millis(100));
            assert_eq!(done.load(SeqCst), 1, "surely it is done by now");
        });
    };
    let early = Explorer::new().early_timeouts(true);
    all_find(&early, program, "reads");
    assert!(exhausted(&Explorer::new(), program).findings().is_empty());
}

#[test]
#[ignore = "another test runs it in a process of its own"]
fn an_hour_is_enough() {
    unsnarl::check(|| {
        let (sender, receiver) = channel();
        thread::spawn(move || sender.send(1));
        let hour = Duration::from_secs(3600);
        assert_eq!(receiver.recv_timeout(hour), Ok(1), "an hour is enough");
    });
}

#[test]
fn the_environment_says_what_can_happen_and_a_replay_says_it_again() {
    let folder = std::env::temp_dir().join(format!("unsnarl-kind-{}", std::process::id()));
    let run = |settings: &[(&str, &str)]| {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "explored_mishaps::an_hour_is_enough",
                "--ignored",
            ])
            .env("CARGO_MANIFEST_DIR", &folder)
            .envs(settings.iter().copied())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.success(), said)
    };
    assert!(run(&[]).0);
    let (passes, said) = run(&[
        ("UNSNARL_EARLY_TIMEOUTS", "on"),
        ("UNSNARL_MAX_STEPS", "500"),
    ]);
    let _ = std::fs::remove_dir_all(&folder);
    let again = "UNSNARL_MAX_STEPS=500 UNSNARL_EARLY_TIMEOUTS=on UNSNARL_REPLAY=";
    assert!(!passes && said.contains(again), "{said}");
    let (passes, said) = run(&[("UNSNARL_EARLY_TIMEOUTS", "perhaps")]);
    assert!(!passes && said.contains("neither `on` nor `off`"), "{said}");
    let (passes, said) = run(&[("UNSNARL_SHARD", "5/4")]);
    assert!(!passes && said.contains("not of the form"), "{said}");
}
