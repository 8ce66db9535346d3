//! A coroutine that runs one thread of an execution.

use std::cell::RefCell;
use std::io;
use std::ptr::NonNull;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};

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
pub(super) struct Fiber(Coroutine<Wake, (), ()>);

thread_local! {
    /// Stacks of coroutines that have ended, for the next ones.
    static STACKS: RefCell<Vec<DefaultStack>> = const { RefCell::new(Vec::new()) };
}

impl Fiber {
    /// A coroutine that will run `body`, which must not panic.
    pub(super) fn new(
        stack_size: usize,
        body: impl FnOnce(Suspender, Wake) + 'static,
    ) -> io::Result<Self> {
        let stack = match STACKS.with_borrow_mut(Vec::pop) {
            Some(stack) => stack,
            None => DefaultStack::new(stack_size)?,
        };
        Ok(Self(Coroutine::with_stack(stack, move |yielder, wake| {
            body(Suspender(NonNull::from(yielder)), wake);
        })))
    }

    /// Lets it run until it suspends itself. Returns whether it has ended.
    pub(super) fn resume(&mut self, wake: Wake) -> bool {
        matches!(self.0.resume(wake), CoroutineResult::Return(()))
    }

    /// Keeps the stack of a coroutine that has ended.
    pub(super) fn recycle(self) {
        let stack = self.0.into_stack();
        STACKS.with_borrow_mut(|stacks| stacks.push(stack));
    }

    /// Gives a suspended coroutine up: what lives on its stack is never dropped.
    ///
    /// # Safety
    ///
    /// Nothing may refer to its stack that will be used again.
    pub(super) unsafe fn abandon(mut self) {
        // SAFETY: the caller promises that nothing on the stack is used again; leaking it is safe.
        unsafe { self.0.force_reset() };
        self.recycle();
    }
}

impl Suspender {
    /// Suspends the coroutine that this belongs to, which must be the running one.
    pub(super) fn suspend(self) -> Wake {
        // SAFETY: the yielder lives as long as its coroutine's body runs, and only that body calls this.
        unsafe { self.0.as_ref() }.suspend(())
    }
}
