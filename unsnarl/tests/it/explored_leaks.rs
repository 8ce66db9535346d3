//! Explorations leave nothing behind, however many a process has.

use std::process::Command;

use unsnarl::sync::mpsc::channel;
use unsnarl::sync::{Condvar, Mutex};
use unsnarl::{Explorer, thread};

/// How many explorations come before the first look at the memory, and how many between that and the second.
const EXPLORATIONS: usize = 1_000;

/// How many KiB more than at the first look there may be: a hundred bytes for each exploration are too many already.
const MOST: u64 = 100;

/// How much memory of this process is resident, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse().unwrap()
}

fn count() {
    let (count, changed) = (Mutex::new(0), Condvar::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                *count.lock().unwrap() += 1;
                changed.notify_all();
            });
        }
        let count = count.lock().unwrap();
        drop(changed.wait_while(count, |count| *count < 2).unwrap());
    });
}

fn deadlock() {
    let (_sender, receiver) = channel::<Vec<u8>>();
    let kept = vec![0; 10_000];
    let handle = thread::spawn(move || drop((receiver.recv(), kept)));
    let _ = handle.join();
}

fn explore() {
    for _ in 0..EXPLORATIONS / 2 {
        let explorer = Explorer::new().schedules(2);
        assert!(explorer.run(count).findings().is_empty());
        assert_eq!(explorer.run(deadlock).findings().len(), 1);
    }
}

#[test]
#[ignore = "another test runs it in a process of its own, where nobody else needs memory"]
#[expect(clippy::print_stdout, reason = "the other test reads it")]
fn a_thousand_explorations() {
    explore();
    let before = resident();
    explore();
    println!("grown by {} KiB", resident().saturating_sub(before));
}

#[test]
#[cfg(target_os = "linux")]
fn a_thousand_explorations_more_need_no_more_memory() {
    let name = "explored_leaks::a_thousand_explorations";
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stdout);
    let grown = words.split("grown by ").nth(1);
    let grown = grown.and_then(|rest| rest.split(' ').next()?.parse::<u64>().ok());
    assert!(grown.is_some_and(|grown| grown <= MOST), "{words}");
}
