//! `core::sync::atomic`, with the watched twins in it.

#[doc(no_inline)]
pub use core::sync::atomic::*;

#[expect(deprecated, reason = "the standard library still has it")]
#[doc(no_inline)]
pub use unsnarl::sync::atomic::spin_loop_hint;
#[doc(no_inline)]
pub use unsnarl::sync::atomic::{compiler_fence, fence};

#[cfg(target_has_atomic = "8")]
#[expect(deprecated, reason = "the standard library still has it")]
#[doc(no_inline)]
pub use unsnarl::sync::atomic::ATOMIC_BOOL_INIT;
#[cfg(target_has_atomic = "ptr")]
#[expect(deprecated, reason = "the standard library still has them")]
#[doc(no_inline)]
pub use unsnarl::sync::atomic::{ATOMIC_ISIZE_INIT, ATOMIC_USIZE_INIT};
#[cfg(target_has_atomic = "8")]
#[doc(no_inline)]
pub use unsnarl::sync::atomic::{AtomicBool, AtomicI8, AtomicU8};
#[cfg(target_has_atomic = "16")]
#[doc(no_inline)]
pub use unsnarl::sync::atomic::{AtomicI16, AtomicU16};
#[cfg(target_has_atomic = "32")]
#[doc(no_inline)]
pub use unsnarl::sync::atomic::{AtomicI32, AtomicU32};
#[cfg(target_has_atomic = "64")]
#[doc(no_inline)]
pub use unsnarl::sync::atomic::{AtomicI64, AtomicU64};
#[cfg(target_has_atomic = "ptr")]
#[doc(no_inline)]
pub use unsnarl::sync::atomic::{AtomicIsize, AtomicPtr, AtomicUsize};
