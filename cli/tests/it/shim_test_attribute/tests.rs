//! Tests of all sorts. Each takes two locks of its own, and the report says in which test that was.

use std::num::ParseIntError;
use std::pin::pin;
use std::process::{ExitCode, Termination};
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::thread;

fn nest(outer: Mutex<i32>, inner: Mutex<i32>) {
    let (_outer, _inner) = (outer.lock(), inner.lock());
}

/// What a future that never waits comes to.
fn finish<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn plain() {
    nest(Mutex::new(0), Mutex::new(0));
}

#[test]
fn threads() {
    let nest = || nest(Mutex::new(0), Mutex::new(0));
    thread::spawn(nest).join().unwrap();
}

#[test]
fn result() -> Result<(), ParseIntError> {
    nest(Mutex::new(0), Mutex::new(0));
    let seven: i32 = "7".parse()?;
    (seven == 7).then_some(()).ok_or_else(|| unreachable!())
}

#[test]
fn boxed() -> Result<(), Box<dyn std::error::Error>> {
    nest(Mutex::new(0), Mutex::new(0));
    let _: i32 = "7".parse()?;
    Ok(())
}

#[test]
fn code() -> ExitCode {
    nest(Mutex::new(0), Mutex::new(0));
    ExitCode::SUCCESS
}

#[test]
fn opaque() -> impl Termination {
    nest(Mutex::new(0), Mutex::new(0));
}

#[test]
#[should_panic(expected = "on purpose")]
fn panics() {
    nest(Mutex::new(0), Mutex::new(0));
    panic!("on purpose");
}

#[should_panic = "on purpose"]
#[test]
/// Attributes may come in any order.
fn panics_too() {
    nest(Mutex::new(0), Mutex::new(0));
    panic!("on purpose");
}

#[test]
#[ignore = "it fails"]
fn ignored() {
    unreachable!("ignored tests do not run");
}

#[cfg(any())]
#[test]
fn absent() {
    does_not_exist();
}

#[test]
#[cfg(any())]
fn absent_too() {
    does_not_exist();
}

/// A test with everything.
#[allow(non_snake_case)]
#[test]
#[cfg_attr(all(), inline(never))]
#[rustfmt::skip]
pub(crate) fn Dressed() {
    #![allow(unused_variables)]
    //! And a comment inside.
    let unused = 0;
    nest(Mutex::new(0), Mutex::new(0));
}

#[core::prelude::v1::test]
fn of_core() {
    nest(Mutex::new(0), Mutex::new(0));
}

#[::std::prelude::rust_2024::test]
fn of_std() {
    nest(Mutex::new(0), Mutex::new(0));
}

#[dress::eventually]
async fn eventual() -> Result<(), ParseIntError> {
    nest(Mutex::new(0), Mutex::new(0));
    let seven: i32 = std::future::ready("7").await.parse()?;
    assert_eq!(seven, 7);
    Ok(())
}

#[test]
#[dress::seven]
fn late() {
    nest(Mutex::new(0), Mutex::new(0));
    assert_eq!(seven, 7);
}

#[dress::seven]
#[test]
fn early() {
    nest(Mutex::new(0), Mutex::new(0));
    assert_eq!(seven, 7);
}

#[test]
fn calls_itself() {
    use std::cell::Cell;
    thread_local!(static CALLS: Cell<u32> = const { Cell::new(0) });
    CALLS.set(CALLS.get() + 1);
    if CALLS.get() < 3 {
        calls_itself();
    }
}

#[test]
fn with_lifetime<'a>() {
    let _: &'a str = "";
}

/// Names of the same kind and others.
mod test {
    use super::{Mutex, nest};
    use std::prelude::v1::*;

    #[test]
    fn in_module() {
        nest(Mutex::new(0), Mutex::new(0));
    }

    #[allow(dead_code)]
    fn test() {}
}

macro_rules! tests {
    ($($(#[$attribute:meta])* $visible:vis fn $name:ident() -> $Type:ty $body:block)+) => {$(
        #[test]
        $(#[$attribute])*
        $visible fn $name() -> $Type $body
    )+};
    ($($item:item)+) => {$(#[test] $item)+};
}

tests! {
    #[allow(unused_variables)]
    pub fn by_example() -> () {
        let unused = 0;
        nest(Mutex::new(0), Mutex::new(0));
    }
    #[dress::seven]
    fn late_by_example() -> () {
        nest(Mutex::new(0), Mutex::new(0));
    }
}

tests! {
    #[allow(dead_code)]
    fn whole() {
        nest(Mutex::new(0), Mutex::new(0));
    }
}

/// A name of the function that it is in, as libraries for snapshots make it.
#[test]
fn names_itself() {
    fn here() {}
    let name = std::any::type_name_of_val(&here);
    let name = name.strip_suffix("::here").unwrap();
    assert!(name.ends_with("::names_itself"), "{name}");
}
