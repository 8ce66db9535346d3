//! `std::thread::panicking`, for threads that share one of the operating system.

/// Whether the current thread unwinds because of a panic. See [`std::thread::panicking`].
#[inline]
#[must_use]
pub fn panicking() -> bool {
    std::thread::panicking() && is_own()
}

/// Whether what unwinds is this thread, and not another one that waits for something meanwhile.
#[cold]
fn is_own() -> bool {
    controlled! { return crate::controlled::panics::is_own(); }
    true
}
