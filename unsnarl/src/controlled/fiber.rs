//! A coroutine that runs one thread of an execution.

use std::io;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

use corosensei::stack::{DefaultStack, Stack as _};
use corosensei::{Coroutine, CoroutineResult, Yielder};

use super::fatal;

/// What a suspended thread is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wake {
    /// It is its turn.
    Go,
    /// The execution is over: unwind.
    Stop,
}

/// A way for a thread to suspend itself.
#[derive(Clone, Copy)]
pub(super) struct Suspender(NonNull<Yielder<Wake, ()>>);

/// A coroutine.
pub(super) struct Fiber {
    coroutine: Coroutine<Wake, (), ()>,
    /// Where its stack ends.
    limit: usize,
}

/// Stacks of coroutines that have ended, for the next ones.
static STACKS: Mutex<Vec<DefaultStack>> = Mutex::new(Vec::new());

fn stacks() -> MutexGuard<'static, Vec<DefaultStack>> {
    STACKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A stack of at least this size, in bytes, the last that was put by.
fn spare(size: usize) -> Option<DefaultStack> {
    let mut stacks = stacks();
    let is_enough = |stack: &DefaultStack| stack.base().get() - stack.limit().get() >= size;
    let place = stacks.iter().rposition(is_enough)?;
    Some(stacks.remove(place))
}

impl Fiber {
    /// A coroutine that will run `body`, which must not panic.
    pub(super) fn new(
        stack_size: usize,
        body: impl FnOnce(Suspender, Wake) + 'static,
    ) -> io::Result<Self> {
        let stack = match spare(stack_size) {
            Some(stack) => stack,
            None => DefaultStack::new(stack_size)?,
        };
        let limit = stack.limit().get();
        let coroutine = Coroutine::with_stack(stack, move |yielder, wake| {
            body(Suspender(NonNull::from(yielder)), wake);
        });
        Ok(Self { coroutine, limit })
    }

    /// Lets it run until it suspends itself. Returns whether it has ended.
    pub(super) fn resume(&mut self, wake: Wake) -> bool {
        let resume = || matches!(self.coroutine.resume(wake), CoroutineResult::Return(()));
        fatal::on_stack(self.limit, resume)
    }

    /// Keeps the stack of a coroutine that has ended.
    pub(super) fn recycle(self) {
        let stack = self.coroutine.into_stack();
        stacks().push(stack);
    }

    /// Gives a suspended coroutine up: what lives on its stack is never dropped.
    ///
    /// # Safety
    ///
    /// Nothing may refer to its stack that will be used again.
    pub(super) unsafe fn abandon(mut self) {
        // SAFETY: the caller promises that nothing on the stack is used again; leaking it is safe.
        unsafe { self.coroutine.force_reset() };
        self.recycle();
    }
}

impl Suspender {
    /// Suspends the coroutine that this belongs to, which must be the running one.
    pub(super) fn suspend(self) -> Wake {
        // SAFETY: the yielder lives as long as its coroutine's body runs, and only that body calls this.
        unsafe { self.0.as_ref() }.suspend(())
    }

    /// Suspends it for good: whoever resumes it is sent back.
    pub(super) fn suspend_for_good(self) -> ! {
        loop {
            self.suspend();
        }
    }
}
