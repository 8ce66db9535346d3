//! The life of a watched thread, whoever starts it: marks around its code, and its handle.

use std::io;

use crate::recorder::threads::Child;

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

/// The watched handle of a thread, if it could be started.
pub(crate) fn started<I, H>(
    handle: io::Result<I>,
    child: Child,
    watched: impl FnOnce(I, Child) -> H,
) -> io::Result<H> {
    match handle {
        Ok(handle) => Ok(watched(handle, child)),
        Err(error) => {
            child.unborn();
            Err(error)
        }
    }
}
