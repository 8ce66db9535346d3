//! Clocks: the time a thread computes, which neighbours on the machine disturb little, and what pins threads to cores.

use std::mem::MaybeUninit;

/// Nanoseconds that the calling thread has computed.
#[inline]
pub(crate) fn cpu() -> u64 {
    read(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// Nanoseconds that all threads of the process have computed.
pub(crate) fn process() -> u64 {
    read(libc::CLOCK_PROCESS_CPUTIME_ID)
}

/// Nanoseconds on the wall.
#[inline]
pub(crate) fn wall() -> u64 {
    read(libc::CLOCK_MONOTONIC)
}

fn read(clock: libc::clockid_t) -> u64 {
    let mut time = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: `time` is valid for writes.
    let status = unsafe { libc::clock_gettime(clock, time.as_mut_ptr()) };
    assert_eq!(status, 0, "the clock exists on every Linux");
    // SAFETY: the call succeeded, so it has written `time`.
    let time = unsafe { time.assume_init() };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// What reading [`cpu`] twice takes by itself, in nanoseconds.
pub(crate) fn cpu_cost() -> u64 {
    let mut costs: Vec<u64> = (0..1001)
        .map(|_| {
            let start = cpu();
            cpu() - start
        })
        .collect();
    costs.sort_unstable();
    costs[costs.len() / 2]
}

/// Keeps the calling thread on one core. Where that is forbidden, it stays where it is.
pub(crate) fn pin(core: usize) {
    // SAFETY: a set of processors is plain bits, for which zero is a value.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: `core` is far below the size of the set.
    unsafe { libc::CPU_SET(core, &mut set) };
    // SAFETY: `set` is valid for reads of its size; 0 is the calling thread.
    let _ = unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) };
}
