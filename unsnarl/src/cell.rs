//! Cells for data that threads share without a lock of their own, watched for data races when the feature `check` is on.
//!
//! Nothing in here orders accesses. That is the business of the locks, channels, atomics and threads around them, and what
//! is checked is that they do: an access that nothing orders with an earlier one of another thread is told with both
//! places, however long ago that was, in every run and not only where they meet.
//!
//! ```
//! use unsnarl::cell::RaceCell;
//! use unsnarl::thread;
//!
//! static HITS: RaceCell<u32> = RaceCell::new(0);
//!
//! // SAFETY: nobody else accesses it before the thread is started, or after it has been joined.
//! unsafe { HITS.set(1) };
//! thread::spawn(|| unsafe { HITS.set(HITS.get() + 1) }).join().unwrap();
//! assert_eq!(unsafe { HITS.get() }, 2);
//! ```
//!
//! # What is not seen
//!
//! * What orders accesses has to be watched too: a mutex of the standard library used directly, a queue of another crate
//!   that is built on unwatched atomics, and the count of an `Arc` read by hand make no order here, and accesses that only
//!   they keep apart are told as a race. Dropping the last `Arc` of something is known, and so is `&mut`: use
//!   [`RaceCell::get_mut`] where you have it.
//! * When something is done through the pointer that [`UnsafeCell::get`] returns: it counts as done where the pointer is taken,
//!   and what it is can only be read from the source.
//! * Accesses by threads that neither descend from the same thread that nobody watched start.

mod slice;

/// A constructor, which cannot be `const` where loom has to know the cell.
#[cfg(not(all(feature = "loom", not(feature = "observe"))))]
macro_rules! constructor {
    ($(#[$attribute:meta])* $visibility:vis fn $($rest:tt)*) => {
        $(#[$attribute])* $visibility const fn $($rest)*
    };
}
#[cfg(all(feature = "loom", not(feature = "observe")))]
macro_rules! constructor {
    ($(#[$attribute:meta])* $visibility:vis fn $($rest:tt)*) => {
        $(#[$attribute])* $visibility fn $($rest)*
    };
}

use std::fmt;
use std::panic::Location;

pub use slice::RaceSlice;

#[cfg(feature = "observe")]
use crate::watched::cell::Record;

#[cfg(all(feature = "loom", not(feature = "observe")))]
use crate::modelled::record::Record;

/// What a cell carries when nothing is watched: nothing.
#[cfg(not(any(feature = "observe", feature = "loom")))]
struct Record;

#[cfg(not(any(feature = "observe", feature = "loom")))]
impl Record {
    #[inline(always)]
    const fn new(_what: &'static str, _created: &'static Location<'static>) -> Self {
        Self
    }

    #[inline(always)]
    fn reads(&self, _site: &'static Location<'static>) {}

    #[inline(always)]
    fn writes(&self, _site: &'static Location<'static>) {}

    #[inline(always)]
    fn points(&self, _site: &'static Location<'static>) {}

    #[inline(always)]
    fn forget(&mut self) {}
}

/// [`std::cell::UnsafeCell`] with accesses that say when they begin and what they do.
///
/// With the feature `check` off it has the standard library's layout and cost.
///
/// ```
/// use unsnarl::cell::UnsafeCell;
///
/// let cell = UnsafeCell::new(1);
/// // SAFETY: nobody else has the cell.
/// cell.with_mut(|value| unsafe { *value += 1 });
/// assert_eq!(cell.with(|value| unsafe { *value }), 2);
/// ```
pub struct UnsafeCell<T: ?Sized> {
    record: Record,
    value: std::cell::UnsafeCell<T>,
}

impl<T> UnsafeCell<T> {
    constructor! {
        /// A cell with this value.
        #[inline]
        #[must_use]
        #[track_caller]
        pub fn new(value: T) -> Self {
            Self::named("UnsafeCell", value)
        }
    }

    constructor! {
        #[track_caller]
        fn named(what: &'static str, value: T) -> Self {
            Self {
                record: Record::new(what, Location::caller()),
                value: std::cell::UnsafeCell::new(value),
            }
        }
    }

    /// The value, without the cell.
    #[inline]
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    /// Reads: calls `f` with a pointer that may be read until it returns.
    #[inline]
    #[track_caller]
    pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        self.record.reads(Location::caller());
        f(self.value.get())
    }

    /// Writes: calls `f` with a pointer that may be read and written until it returns.
    #[inline]
    #[track_caller]
    pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        self.record.writes(Location::caller());
        f(self.value.get())
    }

    /// A pointer to the value.
    ///
    /// Whether it is read or written through it, and when, is not watched. Where nothing orders this with an access of another
    /// thread, that is told as a warning; `cargo unsnarl` reads in the source what is done with the pointer, and makes an
    /// error of it, or nothing. [`UnsafeCell::with`] and [`UnsafeCell::with_mut`] say it themselves.
    #[inline]
    #[track_caller]
    pub fn get(&self) -> *mut T {
        self.record.points(Location::caller());
        self.value.get()
    }

    /// The value, which nobody else can reach now. What was done to it before is over.
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        self.record.forget();
        self.value.get_mut()
    }
}

impl<T: Default> Default for UnsafeCell<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for UnsafeCell<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: ?Sized> fmt::Debug for UnsafeCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsafeCell").finish_non_exhaustive()
    }
}

/// A plain value that several threads may reach, also in a `static`.
///
/// Its accesses are `unsafe`, since nothing but the code around them keeps threads apart.
pub struct RaceCell<T: ?Sized>(UnsafeCell<T>);

// SAFETY: every access from several threads is `unsafe`, and whoever makes one promises that no other access meets it.
unsafe impl<T: ?Sized + Send> Sync for RaceCell<T> {}

impl<T> RaceCell<T> {
    constructor! {
        /// A cell with this value.
        #[inline]
        #[must_use]
        #[track_caller]
        pub fn new(value: T) -> Self {
            Self(UnsafeCell::named("RaceCell", value))
        }
    }

    /// The value, without the cell.
    #[inline]
    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }

    /// A copy of the value.
    ///
    /// # Safety
    ///
    /// No thread writes the value meanwhile.
    #[inline]
    #[track_caller]
    pub unsafe fn get(&self) -> T
    where
        T: Copy,
    {
        // SAFETY: the caller promises that nobody writes.
        self.0.with(|value| unsafe { *value })
    }

    /// Replaces the value.
    ///
    /// # Safety
    ///
    /// No other thread accesses the value meanwhile.
    #[inline]
    #[track_caller]
    pub unsafe fn set(&self, value: T) {
        // SAFETY: the caller promises that nobody else accesses it.
        self.0.with_mut(|place| unsafe { *place = value });
    }
}

impl<T: ?Sized> RaceCell<T> {
    /// Calls `f` with the value, to read it.
    ///
    /// # Safety
    ///
    /// No thread writes the value until `f` returns.
    #[inline]
    #[track_caller]
    pub unsafe fn with<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        // SAFETY: the caller promises that nobody writes.
        self.0.with(|value| f(unsafe { &*value }))
    }

    /// Calls `f` with the value, to change it.
    ///
    /// # Safety
    ///
    /// No other access to the value, by any thread or inside `f`, until `f` returns.
    #[inline]
    #[track_caller]
    pub unsafe fn with_mut<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: the caller promises that nobody else accesses it.
        self.0.with_mut(|value| f(unsafe { &mut *value }))
    }

    /// The value, which nobody else can reach now. What was done to it before is over.
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

impl<T: Default> Default for RaceCell<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for RaceCell<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: ?Sized> fmt::Debug for RaceCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RaceCell").finish_non_exhaustive()
    }
}
