//! Thread-locals of a model.

use loom::thread::AccessError;

/// [`std::thread::LocalKey`] in a model, made by [`thread_local!`](crate::thread_local).
pub struct LocalKey<T: 'static>(&'static loom::thread::LocalKey<T>);

impl<T: 'static> LocalKey<T> {
    #[doc(hidden)]
    pub const fn __new(key: &'static loom::thread::LocalKey<T>) -> Self {
        Self(key)
    }

    /// Runs `f` with the thread's value, which the first use makes.
    ///
    /// # Panics
    ///
    /// If the thread's value has been destroyed.
    pub fn with<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        self.0.with(f)
    }

    /// Runs `f` with the thread's value.
    ///
    /// # Errors
    ///
    /// If the thread's value has been destroyed.
    pub fn try_with<F, R>(&'static self, f: F) -> Result<R, AccessError>
    where
        F: FnOnce(&T) -> R,
    {
        self.0.try_with(f)
    }
}

/// Values of which each thread has its own. See [`std::thread_local!`].
#[macro_export]
macro_rules! thread_local {
    () => {};
    ($(#[$attr:meta])* $vis:vis static $NAME:ident: $T:ty = const $init:block $(; $($rest:tt)*)?) => {
        $crate::thread_local! { $(#[$attr])* $vis static $NAME: $T = $init $(; $($rest)*)? }
    };
    ($(#[$attr:meta])* $vis:vis static $NAME:ident: $T:ty = $init:expr $(; $($rest:tt)*)?) => {
        $(#[$attr])* $vis const $NAME: $crate::thread::LocalKey<$T> = {
            $crate::__loom_thread_local! { static INNER: $T = $init }
            $crate::thread::LocalKey::__new(&INNER)
        };
        $($crate::thread_local! { $($rest)* })?
    };
}
