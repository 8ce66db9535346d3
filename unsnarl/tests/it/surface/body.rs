//! Tests of `super::sync` and `super::thread`, whichever those are.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{sync, thread, thread_local, time};

mod atomics;
mod barrier;
mod bounds;
mod channels;
mod condvar;
mod instant;
mod mutex;
mod odd_places;
mod once;
mod rwlock;
mod threads;

/// What `f` panics with, in words.
fn panic_of<R>(f: impl FnOnce() -> R) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(f)) else {
        return "no panic".to_owned();
    };
    words_of(&*panic)
}

/// A panic in words.
fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}
