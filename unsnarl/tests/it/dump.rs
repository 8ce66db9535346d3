//! A process that is asked what its threads do.

#![cfg(target_os = "linux")]

use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use unsnarl::sync::{Mutex, mpsc};
use unsnarl::thread;

/// How long the process goes on at most, and how long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
#[ignore = "another test runs it in a process of its own"]
fn works() {
    let ledger = Mutex::new(0);
    let (sender, receiver) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let waits = thread::Builder::new().name("waits".to_owned());
        let ledger = &ledger;
        let waiting = waits.spawn_scoped(scope, move || {
            let _held = ledger.lock().unwrap();
            let _ = receiver.recv();
        });
        // Whoever asks ends it.
        std::thread::sleep(PATIENCE);
        drop(sender);
        waiting.unwrap().join().unwrap();
    });
}

#[test]
fn a_process_says_what_its_threads_wait_for_and_hold() {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "dump::works", "--ignored", "--test-threads=2"])
        .env("UNSNARL_DUMP", "1")
        .spawn()
        .unwrap();
    let file = std::env::temp_dir().join(format!("unsnarl-dump-{}.json", child.id()));
    let start = Instant::now();
    let said = loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let listens = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap() & 4 != 0;
        if listens {
            let quit = ["-QUIT", &child.id().to_string()].map(str::to_owned);
            assert!(Command::new("kill").args(quit).status().unwrap().success());
        }
        sleep(Duration::from_millis(100));
        match fs::read_to_string(&file) {
            // It may be asked before it waits.
            Ok(said) if said.contains("waits for a message") => break said,
            _ => assert!(start.elapsed() < PATIENCE),
        }
    };
    child.kill().unwrap();
    child.wait().unwrap();
    fs::remove_file(file).unwrap();
    for words in [
        "thread `waits` locks {",
        "dump.rs",
        "of which 1 wait",
        "\"thread `",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}
