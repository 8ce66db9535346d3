//! `std::sync`, watched when the feature `check` is on; loom's with the feature `loom`.
//!
//! With `loom`, `Arc` is loom's too, which sees what is never dropped and what its count orders. It does not turn into an
//! `Arc` of a trait or a slice, and has no `Weak`: where those are needed, name the standard library's.

pub mod atomic;
pub mod mpsc;

#[cfg(all(feature = "loom", not(feature = "observe")))]
pub use crate::modelled::{
    barrier::{Barrier, BarrierWaitResult},
    condvar::{Condvar, WaitTimeoutResult},
    lazy_lock::LazyLock,
    mutex::{Mutex, MutexGuard},
    once::{Once, OnceState},
    once_lock::OnceLock,
};
#[cfg(all(feature = "loom", not(feature = "observe")))]
pub use loom::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};
#[cfg(not(all(feature = "loom", not(feature = "observe"))))]
pub use std::sync::{Arc, OnceState, WaitTimeoutResult, Weak};
pub use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

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
#[cfg(not(any(feature = "observe", feature = "loom")))]
pub use std::sync::{
    Barrier, BarrierWaitResult, Condvar, LazyLock, Mutex, MutexGuard, Once, OnceLock, RwLock,
    RwLockReadGuard, RwLockWriteGuard,
};

#[cfg(feature = "observe")]
#[expect(deprecated, reason = "the standard library has it too")]
pub use crate::watched::once::ONCE_INIT;
#[cfg(not(any(feature = "observe", feature = "loom")))]
#[expect(deprecated, reason = "the standard library still has it")]
pub use std::sync::ONCE_INIT;
