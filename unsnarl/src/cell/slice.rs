//! Many values side by side, watched each for itself or in chunks.

use std::cell::UnsafeCell;
use std::fmt;
use std::ops::Range;
use std::panic::Location;
use std::ptr;

use super::Record;

/// A slice of plain values that several threads may reach, each thread its own part: a buffer that workers fill.
///
/// As [`RaceCell`](super::RaceCell), for every element: threads that access different elements do not race.
///
/// ```
/// use unsnarl::cell::RaceSlice;
/// use unsnarl::thread;
///
/// let squares = RaceSlice::new([0; 4]);
/// thread::scope(|scope| {
///     for index in 0..4 {
///         let squares = &squares;
///         // SAFETY: each thread has an element of its own.
///         scope.spawn(move || unsafe { squares.set(index, index * index) });
///     }
/// });
/// assert_eq!(*squares.into_inner(), [0, 1, 4, 9]);
/// ```
pub struct RaceSlice<T> {
    values: Box<[UnsafeCell<T>]>,
    /// One for every so many neighbours.
    records: Box<[Record]>,
    chunk: usize,
}

// SAFETY: every access from several threads is `unsafe`, and whoever makes one promises that no other access meets it.
unsafe impl<T: Send> Sync for RaceSlice<T> {}

impl<T> RaceSlice<T> {
    /// A slice of these values, each watched for itself.
    #[must_use]
    #[track_caller]
    pub fn new(values: impl IntoIterator<Item = T>) -> Self {
        Self::in_chunks(values, 1)
    }

    /// A slice of these values, of which every `chunk` neighbours count as one: whoever accesses one of them accesses all.
    /// That takes less memory, and less time where threads work on whole chunks.
    ///
    /// # Panics
    ///
    /// If `chunk` is 0.
    #[must_use]
    #[track_caller]
    pub fn in_chunks(values: impl IntoIterator<Item = T>, chunk: usize) -> Self {
        assert!(chunk > 0, "a chunk has at least one element");
        let values: Box<[_]> = values.into_iter().map(UnsafeCell::new).collect();
        let created = Location::caller();
        let chunks = 0..values.len().div_ceil(chunk);
        let records = chunks.map(|_| Record::new("RaceSlice", created));
        Self {
            records: records.collect(),
            values,
            chunk,
        }
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// A copy of a value.
    ///
    /// # Safety
    ///
    /// No thread writes the value meanwhile.
    ///
    /// # Panics
    ///
    /// If `index` is out of bounds.
    #[inline]
    #[track_caller]
    pub unsafe fn get(&self, index: usize) -> T
    where
        T: Copy,
    {
        let value = self.values[index].get();
        self.records[index / self.chunk].reads(Location::caller());
        // SAFETY: the caller promises that nobody writes.
        unsafe { *value }
    }

    /// Replaces a value.
    ///
    /// # Safety
    ///
    /// No other thread accesses the value meanwhile.
    ///
    /// # Panics
    ///
    /// If `index` is out of bounds.
    #[inline]
    #[track_caller]
    pub unsafe fn set(&self, index: usize, value: T) {
        let place = self.values[index].get();
        self.records[index / self.chunk].writes(Location::caller());
        // SAFETY: the caller promises that nobody else accesses it.
        unsafe { *place = value };
    }

    /// Calls `f` with the values of a range, to read them.
    ///
    /// # Safety
    ///
    /// No thread writes any of them until `f` returns.
    ///
    /// # Panics
    ///
    /// If the range is out of bounds.
    #[track_caller]
    pub unsafe fn with<R>(&self, range: Range<usize>, f: impl FnOnce(&[T]) -> R) -> R {
        let values = &self.values[range.clone()];
        let site = Location::caller();
        self.chunks(range)
            .iter()
            .for_each(|record| record.reads(site));
        // SAFETY: a slice of cells has the layout of a slice of their values, and the caller promises that nobody writes.
        f(unsafe { &*(ptr::from_ref(values) as *const [T]) })
    }

    /// Calls `f` with the values of a range, to change them.
    ///
    /// # Safety
    ///
    /// No other access to any of them, by any thread or inside `f`, until `f` returns.
    ///
    /// # Panics
    ///
    /// If the range is out of bounds.
    #[track_caller]
    pub unsafe fn with_mut<R>(&self, range: Range<usize>, f: impl FnOnce(&mut [T]) -> R) -> R {
        let values = &self.values[range.clone()];
        let site = Location::caller();
        self.chunks(range)
            .iter()
            .for_each(|record| record.writes(site));
        let first = UnsafeCell::raw_get(values.as_ptr());
        // SAFETY: a slice of cells has the layout of a slice of their values, which may be written through a pointer to a
        // cell, and the caller promises that nobody else accesses them.
        f(unsafe { std::slice::from_raw_parts_mut(first, values.len()) })
    }

    /// The values, which nobody else can reach now. What was done to them before is over.
    pub fn get_mut(&mut self) -> &mut [T] {
        self.records.iter_mut().for_each(|record| record.forget());
        let first = self.values.as_mut_ptr().cast();
        // SAFETY: as in `with_mut`; nobody else has the slice.
        unsafe { std::slice::from_raw_parts_mut(first, self.values.len()) }
    }

    /// The values, without the slice.
    pub fn into_inner(self) -> Box<[T]> {
        let values = self.values.into_iter();
        values.map(UnsafeCell::into_inner).collect()
    }

    /// What is kept of the accesses to these values.
    fn chunks(&self, range: Range<usize>) -> &[Record] {
        if range.is_empty() {
            return &[];
        }
        &self.records[range.start / self.chunk..=(range.end - 1) / self.chunk]
    }
}

impl<T> FromIterator<T> for RaceSlice<T> {
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::new(values)
    }
}

impl<T> fmt::Debug for RaceSlice<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RaceSlice").finish_non_exhaustive()
    }
}
