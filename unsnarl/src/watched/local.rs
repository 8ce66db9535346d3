//! `std::thread::LocalKey`, with a value of its own for each thread of an explored run.

use std::thread::AccessError;

/// The watched form of [`std::thread::LocalKey`], made by [`thread_local!`](crate::thread_local).
pub struct LocalKey<T: 'static> {
    inner: &'static std::thread::LocalKey<T>,
    /// Identifies the key, by where it lies.
    mark: &'static u8,
    init: fn() -> T,
}

impl<T: 'static> LocalKey<T> {
    #[doc(hidden)]
    pub const fn __new(
        inner: &'static std::thread::LocalKey<T>,
        mark: &'static u8,
        init: fn() -> T,
    ) -> Self {
        Self { inner, mark, init }
    }

    /// Runs `f` with the thread's value, which the first use makes. See [`std::thread::LocalKey::with`].
    ///
    /// # Panics
    ///
    /// If the thread's value has been destroyed.
    pub fn with<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        controlled! { return f(self.controlled()); }
        self.inner.with(f)
    }

    /// Runs `f` with the thread's value. See [`std::thread::LocalKey::try_with`].
    ///
    /// # Errors
    ///
    /// If the thread's value has been destroyed.
    pub fn try_with<F, R>(&'static self, f: F) -> Result<R, AccessError>
    where
        F: FnOnce(&T) -> R,
    {
        controlled! { return Ok(f(self.controlled())); }
        self.inner.try_with(f)
    }

    fn controlled(&'static self) -> &'static T {
        let value =
            crate::controlled::local::value(std::ptr::from_ref(self.mark).addr(), self.init);
        // SAFETY: the value lives until its thread has ended, and only that thread sees the reference: `f` of `with` is
        // generic over how long it lives. It is boxed, so it stays in its place.
        unsafe { value.as_ref() }
    }
}

/// Values of which each thread has its own. See [`std::thread_local!`].
#[macro_export]
macro_rules! thread_local {
    () => {};
    ($(#[$attr:meta])* $vis:vis static $NAME:ident: $T:ty = const $init:block $(; $($rest:tt)*)?) => {
        $crate::thread_local! { @key [$(#[$attr])* $vis] $NAME, $T, const $init, $init }
        $($crate::thread_local! { $($rest)* })?
    };
    ($(#[$attr:meta])* $vis:vis static $NAME:ident: $T:ty = const $init:expr $(; $($rest:tt)*)?) => {
        $crate::thread_local! { @key [$(#[$attr])* $vis] $NAME, $T, const { $init }, $init }
        $($crate::thread_local! { $($rest)* })?
    };
    ($(#[$attr:meta])* $vis:vis static $NAME:ident: $T:ty = $init:expr $(; $($rest:tt)*)?) => {
        $crate::thread_local! { @key [$(#[$attr])* $vis] $NAME, $T, $init, $init }
        $($crate::thread_local! { $($rest)* })?
    };
    (@key [$(#[$attr:meta])* $vis:vis] $NAME:ident, $T:ty, const $block:block, $init:expr) => {
        $(#[$attr])* $vis const $NAME: $crate::thread::LocalKey<$T> = {
            $crate::__std_thread_local! { static INNER: $T = const $block }
            static MARK: u8 = 0;
            fn init() -> $T { $init }
            $crate::thread::LocalKey::__new(&INNER, &MARK, init)
        };
    };
    (@key [$(#[$attr:meta])* $vis:vis] $NAME:ident, $T:ty, $value:expr, $init:expr) => {
        $(#[$attr])* $vis const $NAME: $crate::thread::LocalKey<$T> = {
            fn init() -> $T { $init }
            $crate::__std_thread_local! { static INNER: $T = init() }
            static MARK: u8 = 0;
            $crate::thread::LocalKey::__new(&INNER, &MARK, init)
        };
    };
}
