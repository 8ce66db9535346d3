//! `std::sync`, watched when the feature `check` is on.

pub mod atomic;
pub mod mpsc;

pub use std::sync::{
    Arc, LockResult, OnceState, PoisonError, TryLockError, TryLockResult, WaitTimeoutResult, Weak,
};

#[cfg(feature = "observe")]
pub use crate::watched::{
    barrier::{Barrier, BarrierWaitResult},
    condvar::Condvar,
    lazy_lock::LazyLock,
    mutex::{Mutex, MutexGuard},
    once::Once,
    once_lock::OnceLock,
    rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard},
};
#[cfg(not(feature = "observe"))]
pub use std::sync::{
    Barrier, BarrierWaitResult, Condvar, LazyLock, Mutex, MutexGuard, Once, OnceLock, RwLock,
    RwLockReadGuard, RwLockWriteGuard,
};

#[cfg(feature = "observe")]
#[expect(deprecated, reason = "the standard library has it too")]
pub use crate::watched::once::ONCE_INIT;
#[cfg(not(feature = "observe"))]
#[expect(deprecated, reason = "the standard library still has it")]
pub use std::sync::ONCE_INIT;
