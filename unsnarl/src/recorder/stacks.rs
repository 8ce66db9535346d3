//! Where each thread is: told to a campaign that is about to end this process because it takes too long.
//!
//! The campaign sends SIGQUIT to one thread after the other. Each writes its number and the addresses of its calls to a
//! file beside the report; naming them is left to the campaign, which is in no hurry.

use std::path::Path;

/// How many calls of a thread are told.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAX_CALLS: usize = 64;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod linux {
    use std::ffi::{c_int, c_void};
    use std::fs::File;
    use std::os::fd::IntoRawFd as _;
    use std::path::Path;
    use std::sync::atomic::{AtomicI32, Ordering};

    use super::MAX_CALLS;
    use crate::recorder::quit;

    unsafe extern "C" {
        fn gettid() -> c_int;
        fn write(file: c_int, bytes: *const c_void, length: usize) -> isize;
    }

    static FILE: AtomicI32 = AtomicI32::new(-1);

    /// Lets every thread tell where it is, unless the program uses the signal itself.
    pub(crate) fn offer(folder: &Path) {
        let path = folder.join(format!("stacks-{}", std::process::id()));
        let Ok(file) = File::create(path) else { return };
        // SeqCst: before the handler can run.
        FILE.store(file.into_raw_fd(), Ordering::SeqCst);
        // SAFETY: the handler only calls what may be called in one, see there.
        unsafe { quit::answer_with(on_signal) };
    }

    /// Writes this thread's number, how many calls follow, and these, as words of the machine.
    extern "C" fn on_signal(_signal: c_int) {
        let mut words = [0_usize; MAX_CALLS + 2];
        let mut calls = 0;
        // SAFETY: threads are asked one after the other, so nobody else walks a stack for a campaign now; another walk
        // that was interrupted is not gone on with, for the process is about to be ended. No memory is allocated.
        unsafe {
            backtrace::trace_unsynchronized(|frame| {
                words[2 + calls] = frame.ip() as usize;
                calls += 1;
                calls < MAX_CALLS
            });
        }
        // SAFETY: takes nothing.
        words[0] = usize::try_from(unsafe { gettid() }).unwrap_or_default();
        words[1] = calls;
        let length = (calls + 2) * size_of::<usize>();
        // SAFETY: the words are there; `write` may be called in a handler. A file that is gone is none of our business.
        unsafe { write(FILE.load(Ordering::SeqCst), words.as_ptr().cast(), length) };
    }
}

/// Lets a campaign ask every thread where it is; its answers go to this folder.
pub(super) fn offer(folder: &Path) {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    linux::offer(folder);
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    let _ = folder;
}
