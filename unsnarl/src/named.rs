//! Names for locks.

use crate::sync::{Mutex, RwLock};

/// Gives a lock a name that findings use, and that makes all locks of this name one class.
///
/// With the feature `check` off, `named` is `new`.
///
/// ```
/// use unsnarl::Named as _;
/// use unsnarl::sync::Mutex;
///
/// let accounts = Mutex::named("accounts", vec![100, 200]);
/// assert_eq!(accounts.lock().unwrap().len(), 2);
/// ```
pub trait Named {
    /// What the lock protects.
    type Value;

    /// A lock of this name around `value`.
    fn named(name: &'static str, value: Self::Value) -> Self;
}

impl<T> Named for Mutex<T> {
    type Value = T;

    fn named(name: &'static str, value: T) -> Self {
        #[cfg(feature = "observe")]
        return Self::with_name(name, value);
        #[cfg(not(feature = "observe"))]
        {
            let _ = name;
            Self::new(value)
        }
    }
}

impl<T> Named for RwLock<T> {
    type Value = T;

    fn named(name: &'static str, value: T) -> Self {
        #[cfg(feature = "observe")]
        return Self::with_name(name, value);
        #[cfg(not(feature = "observe"))]
        {
            let _ = name;
            Self::new(value)
        }
    }
}
