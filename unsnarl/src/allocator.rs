//! Global allocators of programs that are watched.

use std::alloc::{GlobalAlloc, Layout};
use std::fmt;

/// A global allocator whose atomics nobody watches.
///
/// Everything allocates, also the standard library and unsnarl in the middle of a step of an explored run, where a thread
/// that waited for its turn would hold everything up. So what an allocator does is part of the step that called it.
/// `cargo unsnarl` puts this around the allocator of programs that it watches as they are.
pub struct Unwatched(&'static (dyn GlobalAlloc + Sync));

impl Unwatched {
    /// This allocator, unwatched.
    #[must_use]
    pub const fn new(allocator: &'static (dyn GlobalAlloc + Sync)) -> Self {
        Self(allocator)
    }

    fn run<R>(&self, f: impl FnOnce(&dyn GlobalAlloc) -> R) -> R {
        #[cfg(feature = "observe")]
        let _quiet = crate::recorder::state::quiet();
        f(self.0)
    }
}

// SAFETY: each call is passed on to an allocator that keeps the promises, and nothing here allocates or unwinds.
unsafe impl GlobalAlloc for Unwatched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps what it promises.
        self.run(|allocator| unsafe { allocator.alloc(layout) })
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps what it promises.
        self.run(|allocator| unsafe { allocator.dealloc(place, layout) });
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps what it promises.
        self.run(|allocator| unsafe { allocator.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller keeps what it promises.
        self.run(|allocator| unsafe { allocator.realloc(place, layout, size) })
    }
}

impl fmt::Debug for Unwatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unwatched").finish_non_exhaustive()
    }
}
