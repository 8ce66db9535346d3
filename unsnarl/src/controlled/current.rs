//! The execution that runs on this thread.

use std::cell::Cell;
use std::ptr;

use super::execution::Execution;
use crate::recorder::state;

thread_local! {
    static EXECUTION: Cell<*mut Execution> = const { Cell::new(ptr::null_mut()) };
}

/// Runs `f` on the execution of this thread. `f` must not run code of the program.
pub(super) fn with<R>(f: impl FnOnce(&mut Execution) -> R) -> R {
    let _paused = state::pause_control();
    let execution = EXECUTION.get();
    // SAFETY: only controlled threads come here, so `run_in` is below on this thread and keeps the execution alive. While
    // `f` runs, control is paused, so nothing in it enters again, and no other reference is made.
    f(unsafe { &mut *execution })
}

/// Makes this the execution of the thread while `f` runs. `f` must only reach it through [`with`], or between two steps.
pub(super) fn run_in<R>(execution: *mut Execution, f: impl FnOnce() -> R) -> R {
    struct Restore(*mut Execution);
    impl Drop for Restore {
        fn drop(&mut self) {
            EXECUTION.set(self.0);
        }
    }
    let _restore = Restore(EXECUTION.replace(execution));
    let _controlled = state::take_control();
    f()
}
