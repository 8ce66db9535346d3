//! `std::sync::atomic`, ready to be watched when the feature `check` is on.

#[expect(deprecated, reason = "the standard library still has it")]
pub use std::sync::atomic::spin_loop_hint;
pub use std::sync::atomic::{Ordering, compiler_fence};

#[cfg(feature = "observe")]
use crate::watched::atomic as twin;
#[cfg(not(feature = "observe"))]
use std::sync::atomic as twin;

pub use self::twin::fence;

#[cfg(target_has_atomic = "8")]
#[expect(deprecated, reason = "the standard library still has it")]
pub use self::twin::ATOMIC_BOOL_INIT;
#[cfg(target_has_atomic = "ptr")]
#[expect(deprecated, reason = "the standard library still has them")]
pub use self::twin::{ATOMIC_ISIZE_INIT, ATOMIC_USIZE_INIT};
#[cfg(target_has_atomic = "8")]
pub use self::twin::{AtomicBool, AtomicI8, AtomicU8};
#[cfg(target_has_atomic = "16")]
pub use self::twin::{AtomicI16, AtomicU16};
#[cfg(target_has_atomic = "32")]
pub use self::twin::{AtomicI32, AtomicU32};
#[cfg(target_has_atomic = "64")]
pub use self::twin::{AtomicI64, AtomicU64};
#[cfg(target_has_atomic = "ptr")]
pub use self::twin::{AtomicIsize, AtomicPtr, AtomicUsize};
