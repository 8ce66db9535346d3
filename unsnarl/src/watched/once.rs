//! `std::sync::Once`, watched.

use std::fmt;
use std::panic::Location;
use std::sync::OnceState;

use model::kind::Kind;

use super::gate::{Gate, Initialising, Stage};

/// The watched form of [`std::sync::Once`].
///
/// ```
/// use unsnarl::sync::Once;
///
/// static START: Once = Once::new();
/// START.call_once(|| println!("the first time only"));
/// assert!(START.is_completed());
/// ```
pub struct Once {
    gate: Gate,
    inner: std::sync::Once,
}

/// A once that nobody has called. See [`std::sync::ONCE_INIT`].
#[deprecated(
    since = "0.1.0",
    note = "replaced by `Once::new()`, as in the standard library"
)]
#[expect(
    clippy::declare_interior_mutable_const,
    reason = "the standard library's is one too"
)]
pub const ONCE_INIT: Once = Once::new();

impl Once {
    /// A once that nobody has called. See [`std::sync::Once::new`].
    #[expect(
        clippy::new_without_default,
        reason = "the standard library's has none either"
    )]
    #[inline]
    #[must_use]
    #[track_caller]
    pub const fn new() -> Self {
        Self {
            gate: Gate::new(Kind::Once, Location::caller()),
            inner: std::sync::Once::new(),
        }
    }

    /// Calls `f` if nobody has completed a call before. See [`std::sync::Once::call_once`].
    ///
    /// # Panics
    ///
    /// If an earlier call panicked, or the thread would wait for ever.
    #[inline]
    #[track_caller]
    pub fn call_once<F>(&self, f: F)
    where
        F: FnOnce(),
    {
        if self.is_completed() {
            return;
        }
        let _initialising = self.enter();
        self.inner.call_once(f);
    }

    /// Calls `f` if nobody has completed a call before, even if one panicked. See
    /// [`std::sync::Once::call_once_force`].
    ///
    /// # Panics
    ///
    /// If the thread would wait for ever.
    #[inline]
    #[track_caller]
    pub fn call_once_force<F>(&self, f: F)
    where
        F: FnOnce(&OnceState),
    {
        if self.is_completed() {
            return;
        }
        let _initialising = self.enter();
        self.inner.call_once_force(f);
    }

    /// Whether a call has completed. See [`std::sync::Once::is_completed`].
    #[inline]
    #[track_caller]
    pub fn is_completed(&self) -> bool {
        self.gate.look(Location::caller());
        let is_completed = self.inner.is_completed();
        if is_completed {
            self.gate.seen();
        }
        is_completed
    }

    /// Waits until a call has completed. See [`std::sync::Once::wait`].
    ///
    /// # Panics
    ///
    /// If a call panicked, or the thread would wait for ever.
    #[track_caller]
    pub fn wait(&self) {
        if !self.is_completed() {
            let is_over = |stage| stage == Stage::Left || self.inner.is_completed();
            self.gate.wait(Location::caller(), &is_over);
            // The standard library's own words; its wait could block unseen if somebody tries again just now.
            assert!(
                self.inner.is_completed(),
                "Once instance has previously been poisoned"
            );
        }
    }

    /// Waits until a call has completed, even if one panicked. See [`std::sync::Once::wait_force`].
    ///
    /// # Panics
    ///
    /// If the thread would wait for ever.
    #[track_caller]
    pub fn wait_force(&self) {
        if !self.is_completed() {
            let is_over = |_| self.inner.is_completed();
            self.gate.wait(Location::caller(), &is_over);
        }
    }

    #[track_caller]
    fn enter(&self) -> Option<Initialising<'_>> {
        self.gate
            .enter(Location::caller(), &|| self.inner.is_completed())
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
