//! Random bytes: under control they are the same in each execution, so that hash maps iterate in the same order.
//!
//! The standard library draws the keys of its hash maps once for each thread of the operating system, and counts up from
//! there. So where a thread has drawn some, the next execution runs on another, and gets the same.

#![cfg_attr(
    not(all(target_os = "linux", target_env = "gnu")),
    allow(dead_code, reason = "elsewhere, nobody asks us for it")
)]

use std::ffi::c_long;

use super::current::with;
use super::execution::Execution;

/// Fills the buffer at this address with what looks random, and is the same in each execution. Returns how many bytes
/// there are.
///
/// # Safety
///
/// The buffer must have `length` bytes.
pub(super) unsafe fn fill(buffer: usize, length: usize) -> c_long {
    let buffer = std::ptr::with_exposed_provenance_mut::<u8>(buffer);
    // Bytes written one by one through the pointer do not mind that it may not be initialised.
    with(|execution| {
        for place in 0..length {
            let byte = execution.random_byte();
            // SAFETY: see above.
            unsafe { buffer.add(place).write(byte) };
        }
    });
    c_long::try_from(length).unwrap_or(c_long::MAX)
}

impl Execution {
    fn random_byte(&mut self) -> u8 {
        self.drawn_bytes += 1;
        // Not the seed of the exploration: a replay token alone shows the same again.
        (explore::rng::mix(0, self.drawn_bytes) >> 32) as u8
    }
}
