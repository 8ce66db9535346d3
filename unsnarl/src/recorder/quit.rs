//! SIGQUIT, by which a process is asked what its threads do.

use std::ffi::c_int;

const SIGQUIT: c_int = 3;
const SIG_DFL: usize = 0;
const SIG_ERR: usize = usize::MAX;

unsafe extern "C" {
    fn signal(signal: c_int, handler: usize) -> usize;
}

/// Lets this answer the signal, unless the program uses it itself.
///
/// # Safety
///
/// The handler does only what may be done in one.
pub(super) unsafe fn answer_with(handler: extern "C" fn(c_int)) {
    // SAFETY: the caller promises what a handler must.
    let before = unsafe { signal(SIGQUIT, handler as usize) };
    if before != SIG_DFL && before != SIG_ERR {
        // SAFETY: it was the program's own.
        unsafe { signal(SIGQUIT, before) };
    }
}
