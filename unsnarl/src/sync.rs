//! `std::sync`, watched when the feature `check` is on.

pub use std::sync::{
    Arc, LockResult, PoisonError, TryLockError, TryLockResult, WaitTimeoutResult, Weak,
};

#[cfg(feature = "observe")]
pub use crate::watched::condvar::Condvar;
#[cfg(feature = "observe")]
pub use crate::watched::mutex::{Mutex, MutexGuard};
#[cfg(not(feature = "observe"))]
pub use std::sync::{Condvar, Mutex, MutexGuard};
