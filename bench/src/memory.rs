//! Memory: whether locks that are gone leave anything behind.

use std::fs;

use crate::locks::Locks;

/// How many pairs of locks come and go.
const PAIRS: u32 = 1_000_000;

/// What is left in memory, in KiB, after a tenth, a half and all of the pairs, and what one pair took in microseconds.
pub(crate) fn churn(locks: &Locks) -> [f64; 4] {
    let mut time = 0.0;
    let mut resident_after = |pairs: u32| {
        time += (locks.churn)(pairs) * f64::from(pairs);
        resident()
    };
    let (tenth, half) = (resident_after(PAIRS / 10), resident_after(PAIRS / 10 * 4));
    let all = resident_after(PAIRS / 2);
    [tenth, half, all, time / f64::from(PAIRS) / 1000.0]
}

/// Resident memory of the process in KiB.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells a process of itself");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.expect("VmRSS is a number of KiB")
}
