//! A crate with atomics from everywhere.
#![allow(unused_imports)]

use core::sync::atomic::AtomicUsize as OfCore;
use std::any::type_name;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicUsize, Ordering};

const _: () = assert!(size_of::<AtomicUsize>() == size_of::<usize>());
const _: () = assert!(align_of::<AtomicUsize>() == align_of::<usize>());
const _: () = assert!(size_of::<Option<AtomicU8>>() == 2);

/// A view of plain memory, as crates for shared memory make it.
pub fn view(bytes: &mut [u8]) -> &[AtomicU8] {
    let bytes: *mut [u8] = bytes;
    // SAFETY: an atomic has the layout of its value, and nobody else can reach it meanwhile.
    unsafe { &*(bytes as *const [AtomicU8]) }
}

pub fn total(counts: &[&OfCore]) -> usize {
    counts.iter().map(|count| count.load(Ordering::SeqCst)).sum()
}

#[test]
fn counts_of_all_crates_add_up() {
    let own = AtomicUsize::new(1);
    let shared = std::thread::spawn(bare::shared).join().unwrap();
    old::of_core().store(2, Ordering::SeqCst);
    assert_eq!(total(&[&own, &shared, old::of_core(), bare::count()]), 11);
}

#[test]
fn they_are_ours() {
    assert_eq!(type_name::<OfCore>(), type_name::<AtomicUsize>());
    assert!(type_name::<OfCore>().starts_with("unsnarl::"));
}

#[test]
fn memory_is_viewed_as_atomics() {
    let mut bytes = [1, 2];
    view(&mut bytes)[1].fetch_add(1, Ordering::Relaxed);
    assert_eq!(bytes, [1, 3]);
}

#[test]
fn they_have_the_traits_of_the_standard_librarys() {
    fn check<T: Send + Sync + Unpin + RefUnwindSafe + UnwindSafe + Default + std::fmt::Debug>() {}
    check::<AtomicUsize>();
    check::<AtomicPtr<u8>>();
    fn is_shared<T: Send + Sync + RefUnwindSafe>() {}
    is_shared::<AtomicPtr<std::cell::Cell<u8>>>();
}

#[test]
fn names_of_both_by_glob_are_the_same() {
    use core::hint::*;
    use core::prelude::v1::*;
    use core::sync::atomic::*;
    use std::hint::*;
    use std::prelude::v1::*;
    use std::sync::atomic::*;

    #[allow(dead_code, unnameable_test_items)]
    #[test]
    fn inner() {}

    spin_loop();
    fence(Ordering::SeqCst);
    let flag = AtomicBool::new(true);
    assert!(flag.load(Ordering::SeqCst));
}
