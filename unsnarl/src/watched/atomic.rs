//! `std::sync::atomic`, as types of ours.
//!
//! Every operation passes through one place, `operation!`. There it is a step of an explored run; outside one, noise comes
//! by, and the race detector hears of it as soon as there is something to watch; until then that is a look at two flags.
//!
//! The types have the layout of the standard library's, which has that of the plain values: programs cast pointers to
//! them and assert their size. What an engine wants to know of one has to be kept elsewhere, by address, and forgotten
//! with the memory.
//!
//! **Not as in the standard library**: the compiler's lint `invalid_atomic_ordering` does not know these types. An
//! ordering that an operation cannot have is found when it runs, by the same panic as ever.

use std::fmt;
use std::sync::atomic::{self, Ordering};

use stress::fault::Fault;

use crate::recorder::races::atomics::{self as races, Plain};
use crate::recorder::races::is_watching;
use crate::recorder::{attention, noise, profile};

/// Does an operation on an atomic, or a fence: `operation!(kind[atomic](expected) {new} orders => operation)`.
///
/// Every operation of every atomic passes here: here is where one is announced before it is done, and reported after.
/// Loops such as `fetch_update` consist of operations that pass. It is a macro because debug builds do not inline closures.
///
/// With the feature `outlined`, an operation is a call. That is slower than what is inlined into an optimised program, but
/// a program without optimisation would compile it again like itself, which is slower by far, also than the standard
/// library's, which is compiled so.
macro_rules! operation {
    ($kind:ident $([$atomic:expr])? $(($expected:expr))? $({$new:ident})? $($order:ident)+ => $operation:expr) => {
        if is_looked_at() {
            $(noise::touch(&$atomic.0);)?
            $(profiled!($kind $atomic);)?
            #[cfg(feature = "explore")]
            #[allow(unused_variables, reason = "a fence is no operation on an atomic")]
            let single = crate::controlled::atomic::Single::of(&[$($order),+]);
            $(controlled! { announce!($kind $atomic, single); })?
            let outcome = if is_weak() {
                weak!($kind $([$atomic])? $(($expected))? $($order)+ => $operation)
            } else if is_watching() {
                races::$kind($(&$atomic.0,)? $($new,)? $($order,)+ || $operation)
            } else {
                $operation
            };
            $(controlled! { report!($kind $atomic; outcome); })?
            outcome
        } else {
            $operation
        }
    };
}

/// Tells the profiler of a write, or what takes as much.
macro_rules! profiled {
    (load $atomic:expr) => {};
    ($other:ident $atomic:expr) => {
        if profile::is_on() {
            profile::write(&$atomic.0);
        }
    };
}

/// Whether anybody looks at what is done to atomics.
#[cfg_attr(feature = "outlined", inline(never))]
#[cfg_attr(not(feature = "outlined"), inline(always))]
fn is_looked_at() -> bool {
    controlled! { return true; }
    attention::is_paid()
}

/// Whether a weak compare-exchange is to fail in an explored run though its value is right.
#[inline(always)]
fn fails_weakly(is_right: impl FnOnce() -> bool) -> bool {
    controlled! { return is_right() && crate::controlled::atomic::fails_weakly(); }
    let _ = is_right;
    false
}

/// Whether loads may show old values.
#[inline(always)]
fn is_weak() -> bool {
    controlled! { return crate::controlled::weak::is_on(); }
    false
}

/// Announces an operation of a controlled thread.
#[cfg(feature = "explore")]
macro_rules! announce {
    (load $atomic:expr, $single:expr) => {
        announce!(@ $atomic, Load, $single)
    };
    (store $atomic:expr, $single:expr) => {
        announce!(@ $atomic, Store, $single)
    };
    ($other:ident $atomic:expr, $single:expr) => {
        announce!(@ $atomic, Update, $single)
    };
    (@ $atomic:expr, $access:ident, $single:expr) => {
        crate::controlled::atomic::access(
            address($atomic),
            crate::controlled::atomic::Access::$access,
            $single,
        )
    };
}

/// Does an operation of a controlled thread on weak memory.
#[cfg(feature = "explore")]
macro_rules! weak {
    (load [$atomic:expr] $order:ident => $operation:expr) => {
        crate::controlled::weak::load(address($atomic), $order, || $operation)
    };
    (exchange [$atomic:expr] ($expected:expr) $success:ident $failure:ident => $operation:expr) => {
        crate::controlled::weak::exchange(
            address($atomic),
            ($success, $failure),
            $expected,
            || $atomic.0.load(Ordering::Relaxed),
            || $operation,
        )
    };
    (fence $order:ident => $operation:expr) => {
        crate::controlled::weak::fence($order, || $operation)
    };
    ($kind:ident [$atomic:expr] $order:ident => $operation:expr) => {
        crate::controlled::weak::$kind(
            address($atomic),
            $order,
            || $atomic.0.load(Ordering::Relaxed),
            || $operation,
        )
    };
}
#[cfg(not(feature = "explore"))]
macro_rules! weak {
    ($($operation:tt)*) => {
        unreachable!("only explored runs have weak memory")
    };
}

/// Reports what became of an operation of a controlled thread.
#[cfg(feature = "explore")]
macro_rules! report {
    (exchange $atomic:expr; $outcome:ident) => {
        if $outcome.is_err() {
            crate::controlled::atomic::failed();
        }
    };
    ($other:ident $atomic:expr; $outcome:ident) => {};
}

/// What tells atomics apart while they live.
#[cfg(feature = "explore")]
fn address<A>(atomic: &A) -> usize {
    std::ptr::from_ref(atomic).addr()
}

/// What a method does, and where to read more.
macro_rules! see {
    ($does:expr, $Atomic:ident, $name:expr) => {
        concat!(
            $does,
            " See [`std::sync::atomic::",
            stringify!($Atomic),
            "::",
            $name,
            "`]."
        )
    };
}

/// The strongest ordering of a failure that goes with this one of a success.
#[inline(always)]
const fn on_failure(success: Ordering) -> Ordering {
    match success {
        Ordering::Release => Ordering::Relaxed,
        Ordering::AcqRel => Ordering::Acquire,
        order => order,
    }
}

/// Defines an atomic type: its name and parameter, the plain value, and what that is in words.
macro_rules! atomic {
    ($Atomic:ident $(<$T:ident>)?, $Value:ty, $what:expr) => {
        #[doc = concat!("The watched form of [`std::sync::atomic::", stringify!($Atomic), "`]: ", $what, ".")]
        #[repr(transparent)]
        pub struct $Atomic $(<$T>)? (pub(crate) atomic::$Atomic $(<$T>)?);

        impl $(<$T>)? $Atomic $(<$T>)? {
            #[doc = see!("A new atomic of this value.", $Atomic, "new")]
            #[inline(always)]
            #[must_use]
            pub const fn new(v: $Value) -> Self {
                Self(atomic::$Atomic::new(v))
            }

            #[doc = see!("The plain value at `ptr`, as an atomic.", $Atomic, "from_ptr")]
            ///
            /// # Safety
            ///
            /// As for the standard library's: `ptr` is aligned for the atomic and valid for reads and writes for all
            /// of `'a`, and meanwhile no access that is not atomic races with one through the result.
            #[inline(always)]
            pub const unsafe fn from_ptr<'a>(ptr: *mut $Value) -> &'a Self {
                // SAFETY: the caller promises what the standard library asks for, and `Self` has the layout of its type,
                // which has that of the value.
                unsafe { &*ptr.cast() }
            }

            #[doc = see!("The value, which nobody else can reach.", $Atomic, "get_mut")]
            #[inline(always)]
            pub fn get_mut(&mut self) -> &mut $Value {
                controlled! { crate::controlled::weak::forget(address(self)); }
                self.0.get_mut()
            }

            #[doc = see!("The value, without the atomic.", $Atomic, "into_inner")]
            #[inline(always)]
            pub const fn into_inner(self) -> $Value {
                self.0.into_inner()
            }

            #[doc = see!("A pointer to the value.", $Atomic, "as_ptr")]
            #[inline(always)]
            pub const fn as_ptr(&self) -> *mut $Value {
                self.0.as_ptr()
            }

            #[doc = see!("Reads the value.", $Atomic, "load")]
            ///
            /// # Panics
            ///
            /// If `order` is `Release` or `AcqRel`.
            #[cfg_attr(feature = "outlined", inline(never))]
            #[cfg_attr(not(feature = "outlined"), inline(always))]
            #[track_caller]
            pub fn load(&self, order: Ordering) -> $Value {
                operation!(load[self] order => self.0.load(order))
            }

            #[doc = see!("Writes a value.", $Atomic, "store")]
            ///
            /// # Panics
            ///
            /// If `order` is `Acquire` or `AcqRel`.
            #[cfg_attr(feature = "outlined", inline(never))]
            #[cfg_attr(not(feature = "outlined"), inline(always))]
            #[track_caller]
            pub fn store(&self, val: $Value, order: Ordering) {
                operation!(store[self] {val} order => self.0.store(val, order));
            }

            #[doc = see!("Writes a value where `current` was, and returns what was there.", $Atomic, "compare_and_swap")]
            #[inline(always)]
            #[track_caller]
            #[deprecated(
                since = "0.1.0",
                note = "replaced by `compare_exchange`, as in the standard library"
            )]
            pub fn compare_and_swap(&self, current: $Value, new: $Value, order: Ordering) -> $Value {
                match self.compare_exchange(current, new, order, on_failure(order)) {
                    Ok(old) | Err(old) => old,
                }
            }

            #[doc = see!("Writes a value where `current` was.", $Atomic, "compare_exchange")]
            ///
            /// # Errors
            ///
            /// If something else was there; the error has it.
            ///
            /// # Panics
            ///
            /// If `failure` is `Release` or `AcqRel`.
            #[cfg_attr(feature = "outlined", inline(never))]
            #[cfg_attr(not(feature = "outlined"), inline(always))]
            #[track_caller]
            pub fn compare_exchange(
                &self,
                current: $Value,
                new: $Value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$Value, $Value> {
                operation!(
                    exchange[self](current) {new} success failure =>
                        self.0.compare_exchange(current, new, success, failure)
                )
            }

            #[doc = see!("Writes a value where `current` was, or fails for no reason.", $Atomic, "compare_exchange_weak")]
            ///
            /// # Errors
            ///
            /// If something else was there, or for no reason; the error has what was there.
            ///
            /// # Panics
            ///
            /// If `failure` is `Release` or `AcqRel`.
            #[cfg_attr(feature = "outlined", inline(never))]
            #[cfg_attr(not(feature = "outlined"), inline(always))]
            #[track_caller]
            pub fn compare_exchange_weak(
                &self,
                current: $Value,
                new: $Value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$Value, $Value> {
                if noise::fails(Fault::Weak) {
                    return Err(self.load(failure));
                }
                operation!(
                    exchange[self](current) {new} success failure =>
                        if fails_weakly(|| self.0.load(Ordering::Relaxed) == current) {
                            Err(self.0.load(failure))
                        } else {
                            self.0.compare_exchange_weak(current, new, success, failure)
                        }
                )
            }

            #[doc = see!("Replaces the value by what `f` makes of it, and returns what was there.", $Atomic, "update")]
            #[inline(always)]
            #[track_caller]
            pub fn update(
                &self,
                set_order: Ordering,
                fetch_order: Ordering,
                mut f: impl FnMut($Value) -> $Value,
            ) -> $Value {
                let mut old = self.load(fetch_order);
                loop {
                    match self.compare_exchange_weak(old, f(old), set_order, fetch_order) {
                        Ok(old) => return old,
                        Err(found) => old = found,
                    }
                }
            }

            #[doc = see!("Replaces the value if `f` makes one of it, and returns what was there.", $Atomic, "try_update")]
            ///
            /// # Errors
            ///
            /// If `f` makes none; the error has what was there.
            #[inline(always)]
            #[track_caller]
            pub fn try_update(
                &self,
                set_order: Ordering,
                fetch_order: Ordering,
                mut f: impl FnMut($Value) -> Option<$Value>,
            ) -> Result<$Value, $Value> {
                let mut old = self.load(fetch_order);
                while let Some(new) = f(old) {
                    match self.compare_exchange_weak(old, new, set_order, fetch_order) {
                        Ok(old) => return Ok(old),
                        Err(found) => old = found,
                    }
                }
                Err(old)
            }

            #[doc = see!("The older name of `try_update`.", $Atomic, "fetch_update")]
            ///
            /// # Errors
            ///
            /// If `f` makes no value; the error has what was there.
            #[inline(always)]
            #[track_caller]
            pub fn fetch_update<F>(
                &self,
                set_order: Ordering,
                fetch_order: Ordering,
                f: F,
            ) -> Result<$Value, $Value>
            where
                F: FnMut($Value) -> Option<$Value>,
            {
                self.try_update(set_order, fetch_order, f)
            }
        }

        operations! { $Atomic $(<$T>)?, $Value, $Value:
            swap "Writes a value",
        }

        impl $(<$T>)? From<$Value> for $Atomic $(<$T>)? {
            #[inline(always)]
            fn from(value: $Value) -> Self {
                Self::new(value)
            }
        }

        impl $(<$T>)? Default for $Atomic $(<$T>)? {
            #[inline(always)]
            fn default() -> Self {
                Self(atomic::$Atomic::default())
            }
        }

        impl $(<$T>)? fmt::Debug for $Atomic $(<$T>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

/// Defines methods that combine the value with an operand of this type: for each its name and what it does.
macro_rules! operations {
    ($Atomic:ident $(<$T:ident>)?, $Value:ty, $Operand:ty: $($name:ident $does:literal,)*) => {
        impl $(<$T>)? $Atomic $(<$T>)? {$(
            #[doc = see!(concat!($does, ", and returns what was there."), $Atomic, stringify!($name))]
            #[cfg_attr(feature = "outlined", inline(never))]
            #[cfg_attr(not(feature = "outlined"), inline(always))]
            #[track_caller]
            pub fn $name(&self, val: $Operand, order: Ordering) -> $Value {
                operation!(modify[self] order => self.0.$name(val, order))
            }
        )*}
    };
}

/// Defines the atomic type of an integer.
macro_rules! integer {
    ($Atomic:ident, $Value:ident) => {
        atomic! { $Atomic, $Value, concat!("`", stringify!($Value), "`") }

        impl Plain for atomic::$Atomic {
            type Value = $Value;

            const IS_NUMBER: bool = true;

            #[inline]
            fn bits(value: $Value) -> u64 {
                value as u64
            }

            #[inline]
            fn present(&self) -> u64 {
                // Relaxed: whoever asks is the only one to write it.
                Self::bits(self.load(Ordering::Relaxed))
            }
        }

        operations! { $Atomic, $Value, $Value:
            fetch_add "Adds to the value, wrapping around",
            fetch_sub "Subtracts from the value, wrapping around",
            fetch_and "Keeps the bits that are in `val` too",
            fetch_nand "Keeps the bits that are in `val` too, and inverts all",
            fetch_or "Sets the bits of `val`",
            fetch_xor "Inverts the bits of `val`",
            fetch_max "Writes the greater of the value and `val`",
            fetch_min "Writes the lesser of the value and `val`",
        }
    };
}

#[cfg(target_has_atomic = "8")]
integer! { AtomicI8, i8 }
#[cfg(target_has_atomic = "8")]
integer! { AtomicU8, u8 }
#[cfg(target_has_atomic = "16")]
integer! { AtomicI16, i16 }
#[cfg(target_has_atomic = "16")]
integer! { AtomicU16, u16 }
#[cfg(target_has_atomic = "32")]
integer! { AtomicI32, i32 }
#[cfg(target_has_atomic = "32")]
integer! { AtomicU32, u32 }
#[cfg(target_has_atomic = "64")]
integer! { AtomicI64, i64 }
#[cfg(target_has_atomic = "64")]
integer! { AtomicU64, u64 }
#[cfg(target_has_atomic = "ptr")]
integer! { AtomicIsize, isize }
#[cfg(target_has_atomic = "ptr")]
integer! { AtomicUsize, usize }

#[cfg(target_has_atomic = "8")]
atomic! { AtomicBool, bool, "`bool`" }

#[cfg(target_has_atomic = "8")]
impl Plain for atomic::AtomicBool {
    type Value = bool;

    const IS_NUMBER: bool = false;

    #[inline]
    fn bits(value: bool) -> u64 {
        value.into()
    }

    #[inline]
    fn present(&self) -> u64 {
        // Relaxed: whoever asks is the only one to write it.
        Self::bits(self.load(Ordering::Relaxed))
    }
}

#[cfg(target_has_atomic = "8")]
operations! { AtomicBool, bool, bool:
    fetch_and "Writes whether the value and `val` both hold",
    fetch_nand "Writes whether the value and `val` do not both hold",
    fetch_or "Writes whether the value or `val` holds",
    fetch_xor "Writes whether only one of the value and `val` holds",
}

#[cfg(target_has_atomic = "8")]
impl AtomicBool {
    #[doc = see!("Inverts the value, and returns what was there.", AtomicBool, "fetch_not")]
    #[cfg_attr(feature = "outlined", inline(never))]
    #[cfg_attr(not(feature = "outlined"), inline(always))]
    #[track_caller]
    pub fn fetch_not(&self, order: Ordering) -> bool {
        operation!(modify[self] order => self.0.fetch_not(order))
    }
}

#[cfg(target_has_atomic = "ptr")]
atomic! { AtomicPtr<T>, *mut T, "a raw pointer" }

#[cfg(target_has_atomic = "ptr")]
impl<T> Plain for atomic::AtomicPtr<T> {
    type Value = *mut T;

    const IS_NUMBER: bool = false;

    #[inline]
    fn bits(value: *mut T) -> u64 {
        value.addr() as u64
    }

    #[inline]
    fn present(&self) -> u64 {
        // Relaxed: whoever asks is the only one to write it.
        Self::bits(self.load(Ordering::Relaxed))
    }
}

#[cfg(target_has_atomic = "ptr")]
operations! { AtomicPtr<T>, *mut T, usize:
    fetch_ptr_add "Moves the pointer on by this many values",
    fetch_ptr_sub "Moves the pointer back by this many values",
    fetch_byte_add "Moves the pointer on by this many bytes",
    fetch_byte_sub "Moves the pointer back by this many bytes",
    fetch_or "Sets these bits of the address",
    fetch_and "Keeps only these bits of the address",
    fetch_xor "Inverts these bits of the address",
}

#[cfg(target_has_atomic = "ptr")]
impl<T> fmt::Pointer for AtomicPtr<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&self.0, f)
    }
}

/// Orders what is before it and what is after it. See [`std::sync::atomic::fence`].
///
/// # Panics
///
/// If `order` is `Relaxed`.
#[cfg_attr(feature = "outlined", inline(never))]
#[cfg_attr(not(feature = "outlined"), inline(always))]
#[track_caller]
pub fn fence(order: Ordering) {
    operation!(fence order => atomic::fence(order));
}

/// Defines a constant of the time before `new` was a `const fn`.
macro_rules! init {
    ($INIT:ident, $Atomic:ident, $value:expr) => {
        #[doc = concat!("The twin of [`std::sync::atomic::", stringify!($INIT), "`].")]
        #[deprecated(
            since = "0.1.0",
            note = "replaced by `new`, as in the standard library"
        )]
        #[expect(
            clippy::declare_interior_mutable_const,
            reason = "each use is to be a new atomic"
        )]
        pub const $INIT: $Atomic = $Atomic::new($value);
    };
}

#[cfg(target_has_atomic = "8")]
init! { ATOMIC_BOOL_INIT, AtomicBool, false }
#[cfg(target_has_atomic = "ptr")]
init! { ATOMIC_ISIZE_INIT, AtomicIsize, 0 }
#[cfg(target_has_atomic = "ptr")]
init! { ATOMIC_USIZE_INIT, AtomicUsize, 0 }
