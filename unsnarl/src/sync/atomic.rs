//! `std::sync::atomic`, watched when the feature `check` is on; loom's with the feature `loom`.

#[cfg(all(feature = "loom", not(feature = "observe")))]
pub use loom::sync::atomic::spin_loop_hint;
#[cfg(not(all(feature = "loom", not(feature = "observe"))))]
#[expect(deprecated, reason = "the standard library still has it")]
pub use std::sync::atomic::spin_loop_hint;
pub use std::sync::atomic::{Ordering, compiler_fence};

#[cfg(all(feature = "loom", not(feature = "observe")))]
use crate::modelled::atomic as twin;
#[cfg(feature = "observe")]
use crate::watched::atomic as twin;
#[cfg(not(any(feature = "observe", feature = "loom")))]
use std::sync::atomic as twin;

pub use self::twin::fence;

#[cfg(all(
    target_has_atomic = "8",
    not(all(feature = "loom", not(feature = "observe")))
))]
#[expect(deprecated, reason = "the standard library still has it")]
pub use self::twin::ATOMIC_BOOL_INIT;
#[cfg(all(
    target_has_atomic = "ptr",
    not(all(feature = "loom", not(feature = "observe")))
))]
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
