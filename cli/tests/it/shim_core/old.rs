//! A crate of the edition 2015.
#![allow(deprecated)]

extern crate core;

use std::sync::atomic::{ATOMIC_BOOL_INIT, ATOMIC_USIZE_INIT, AtomicBool, AtomicUsize, Ordering, spin_loop_hint};

pub static FLAG: AtomicBool = ATOMIC_BOOL_INIT;

static COUNT: AtomicUsize = ATOMIC_USIZE_INIT;

/// ```
/// extern crate old;
/// assert!(old::next() < old::next());
/// ```
pub fn next() -> usize {
    spin_loop_hint();
    while COUNT.compare_and_swap(1_000, 0, Ordering::SeqCst) == 1_000 {}
    COUNT.fetch_add(1, Ordering::SeqCst)
}

pub fn of_core() -> &'static ::core::sync::atomic::AtomicUsize {
    &COUNT
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn numbers_grow() {
        let number = ::std::thread::spawn(next).join().unwrap();
        assert!(number < next());
    }
}
