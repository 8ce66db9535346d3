//! Operations that are cancelled on purpose, to see what that leaves behind.

use std::cell::Cell;

use lockgraph::wait::task::cancelled;
use model::site::Caller;

use super::findings;
use super::inside::enter;
#[cfg(feature = "tasks")]
use super::tasks;

thread_local! {
    /// Whether watched operations are to be suspended once each.
    static IS_SUSPENDING: Cell<bool> = const { Cell::new(false) };
}

/// Runs `f`, in which watched operations are suspended once each, whether they could go on or not.
pub(crate) fn suspending<R>(f: impl FnOnce() -> R) -> R {
    struct Back(bool);
    impl Drop for Back {
        fn drop(&mut self) {
            IS_SUSPENDING.set(self.0);
        }
    }
    let _back = Back(IS_SUSPENDING.replace(true));
    f()
}

/// Whether watched operations are to be suspended once each.
#[cfg(feature = "tasks")]
pub fn is_suspending() -> bool {
    IS_SUSPENDING.get()
}

/// Where the running task waits now, if that is known.
pub(crate) fn place() -> Option<Caller> {
    #[cfg(feature = "tasks")]
    return tasks::awaits();
    #[cfg(not(feature = "tasks"))]
    None
}

/// Records that an invariant does not hold after an operation was cancelled at this of its awaits. Returns it in one line.
pub(crate) fn tell(number: u64, place: Option<Caller>, asked: Caller) -> String {
    let who = enter().map(|inside| inside.identity().who.clone());
    findings::record_hang(cancelled(who.as_ref(), number, place, asked))
}
