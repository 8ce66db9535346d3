//! The life of a watched thread, whoever starts it: marks around its code, and its handle.

use std::io;

use stress::point::Deed;

use crate::recorder::noise::{self, Object};
use crate::recorder::threads::{Child, fork};

/// The thread's code, between the marks of its beginning and its end.
pub(crate) fn living<T>(child: Child, f: impl FnOnce() -> T) -> impl FnOnce() -> T {
    struct Life(Child);
    impl Drop for Life {
        fn drop(&mut self) {
            self.0.finish();
        }
    }
    move || {
        child.begin();
        let _life = Life(child);
        f()
    }
}

/// Starts a thread, and watches it.
#[track_caller]
pub(crate) fn start<I, H>(
    name: Option<&str>,
    spawn: impl FnOnce(&Child) -> io::Result<I>,
    watched: impl FnOnce(I, Child) -> H,
) -> io::Result<H> {
    let child = fork(name);
    let mut unborn = Unborn(Some(child.clone()));
    let handle = spawn(&child)?;
    unborn.0 = None;
    noise::at(Deed::Spawned, || Object::NONE);
    Ok(watched(handle, child))
}

/// A planned thread; if it is dropped with one, that could not be started, by an error or a panic.
struct Unborn(Option<Child>);

impl Drop for Unborn {
    fn drop(&mut self) {
        if let Some(child) = &self.0 {
            child.unborn();
        }
    }
}
