//! `std::sync`, with the watched twins in it.

pub mod mpsc;

#[doc(no_inline)]
pub use std::sync::*;

#[doc(no_inline)]
pub use unsnarl_core::sync::atomic;

#[expect(deprecated, reason = "the standard library still has it")]
#[doc(no_inline)]
pub use unsnarl::sync::ONCE_INIT;
#[doc(no_inline)]
pub use unsnarl::sync::{
    Barrier, BarrierWaitResult, Condvar, LazyLock, Mutex, MutexGuard, Once, OnceLock, RwLock,
    RwLockReadGuard, RwLockWriteGuard,
};
