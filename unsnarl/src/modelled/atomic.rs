//! Atomics of a model: loom's, without two things that it shows and no machine does. What is done about them allows
//! nothing that the memory model forbids; it forbids a little that the model allows, which is missed then.
//!
//! * Loom takes a `SeqCst` operation for an `AcqRel` one, so that two threads that each store one atomic and then look at the
//!   other's may miss each other. Its fences are right. So each `SeqCst` operation comes after a `SeqCst` fence here, as in
//!   the mapping of C11 to machines that have fences only (Batty et al., "Clarifying and compiling C/C++ concurrency", POPL
//!   2012).
//! * Where one thread stores and another one swaps, loom may put the store between a swap and the value that the swap has
//!   read, and lose it so. Here every store is a swap whose value nobody looks at; then there is one order of them all.

use std::fmt;

use loom::sync::atomic as looms;
pub use loom::sync::atomic::fence;
use std::sync::atomic::Ordering;

/// What comes before an operation with this ordering.
fn before(order: Ordering) {
    if order == Ordering::SeqCst {
        fence(order);
    }
}

/// The ordering of a swap that does what a store with this one does.
///
/// # Panics
///
/// If no store has it.
fn of_store(order: Ordering) -> Ordering {
    match order {
        Ordering::SeqCst => Ordering::Release,
        Ordering::Relaxed | Ordering::Release => order,
        _ => panic!("there is no such thing as an acquire store"),
    }
}

/// An atomic with what they all have, and operations that take a value.
macro_rules! atomic {
    ($Atomic:ident$(<$T:ident>)?, $Value:ty, [$($operation:ident),*]) => {
        #[doc = concat!("[`std::sync::atomic::", stringify!($Atomic), "`] in a model.")]
        pub struct $Atomic$(<$T>)?(looms::$Atomic$(<$T>)?);

        impl$(<$T>)? $Atomic$(<$T>)? {
            /// An atomic with this value.
            #[must_use]
            #[track_caller]
            pub fn new(value: $Value) -> Self {
                Self(looms::$Atomic::new(value))
            }

            /// The value, without the atomic.
            #[track_caller]
            pub fn into_inner(self) -> $Value {
                self.0.into_inner()
            }

            /// Loads the value.
            #[track_caller]
            pub fn load(&self, order: Ordering) -> $Value {
                before(order);
                self.0.load(order)
            }

            /// Stores a value.
            ///
            /// # Panics
            ///
            /// If the ordering is one that only loads have.
            #[track_caller]
            pub fn store(&self, value: $Value, order: Ordering) {
                before(order);
                self.0.swap(value, of_store(order));
            }

            /// Puts a value in the place of the one that is there, if that is `current`.
            #[track_caller]
            pub fn compare_exchange(
                &self,
                current: $Value,
                new: $Value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$Value, $Value> {
                before(if failure == Ordering::SeqCst { failure } else { success });
                self.0.compare_exchange(current, new, success, failure)
            }

            /// The same; it never fails here for no reason.
            #[track_caller]
            pub fn compare_exchange_weak(
                &self,
                current: $Value,
                new: $Value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$Value, $Value> {
                self.compare_exchange(current, new, success, failure)
            }

            /// Changes the value with a function, until nobody comes in between.
            #[track_caller]
            pub fn fetch_update<F>(
                &self,
                set_order: Ordering,
                fetch_order: Ordering,
                mut f: F,
            ) -> Result<$Value, $Value>
            where
                F: FnMut($Value) -> Option<$Value>,
            {
                let mut old = self.load(fetch_order);
                while let Some(new) = f(old) {
                    match self.compare_exchange(old, new, set_order, fetch_order) {
                        Ok(old) => return Ok(old),
                        Err(other) => old = other,
                    }
                }
                Err(old)
            }

            $(
                #[doc = concat!("`", stringify!($operation), "`, as one step. Returns the value before.")]
                #[track_caller]
                pub fn $operation(&self, value: $Value, order: Ordering) -> $Value {
                    before(order);
                    self.0.$operation(value, order)
                }
            )*
        }

        impl$(<$T>)? fmt::Debug for $Atomic$(<$T>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // To look at it would be a step of the program.
                f.debug_struct(stringify!($Atomic)).finish_non_exhaustive()
            }
        }

        impl$(<$T>)? From<$Value> for $Atomic$(<$T>)? {
            #[track_caller]
            fn from(value: $Value) -> Self {
                Self::new(value)
            }
        }
    };
}

/// An atomic integer.
macro_rules! integers {
    ($($Atomic:ident $Value:ty),*) => {
        $(
            atomic!($Atomic, $Value, [
                swap, fetch_add, fetch_sub, fetch_and, fetch_nand, fetch_or, fetch_xor, fetch_max, fetch_min
            ]);

            impl Default for $Atomic {
                #[track_caller]
                fn default() -> Self {
                    Self::new(0)
                }
            }
        )*
    };
}

integers!(
    AtomicI8 i8, AtomicI16 i16, AtomicI32 i32, AtomicI64 i64, AtomicIsize isize,
    AtomicU8 u8, AtomicU16 u16, AtomicU32 u32, AtomicU64 u64, AtomicUsize usize
);
atomic!(
    AtomicBool,
    bool,
    [swap, fetch_and, fetch_nand, fetch_or, fetch_xor]
);
atomic!(AtomicPtr<T>, *mut T, [swap]);

impl AtomicBool {
    /// `fetch_not`, as one step. Returns the value before.
    #[track_caller]
    pub fn fetch_not(&self, order: Ordering) -> bool {
        self.fetch_xor(true, order)
    }
}

impl Default for AtomicBool {
    #[track_caller]
    fn default() -> Self {
        Self::new(false)
    }
}

impl<T> Default for AtomicPtr<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(std::ptr::null_mut())
    }
}
