//! Atomics behave like the standard library's, and have their layout.

use std::fmt::{Debug, Pointer};
use std::hint::black_box;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr;
use std::sync::atomic as plain;

use unsnarl::sync::atomic::{self, Ordering};
use unsnarl::thread;

use Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

/// Calls a method on the twin and on the standard library's own, and compares what they return and leave behind.
macro_rules! same {
    ($twin:ident, $plain:ident: $($method:ident ($($argument:expr),*);)*) => {$(
        assert_eq!($twin.$method($($argument),*), $plain.$method($($argument),*));
        assert_eq!($twin.load(SeqCst), $plain.load(SeqCst));
        assert_eq!(format!("{:?}", $twin), format!("{:?}", $plain));
    )*};
}

/// Checks what all atomics have, with three different values.
macro_rules! check_common {
    ($Atomic:ident $(<$T:ty>)?, $Value:ty, [$a:expr, $b:expr, $c:expr]) => {{
        type Twin = atomic::$Atomic $(<$T>)?;
        type Plain = plain::$Atomic $(<$T>)?;
        let [a, b, c]: [$Value; 3] = [$a, $b, $c];

        const { assert!(size_of::<Twin>() == size_of::<Plain>()) };
        const { assert!(align_of::<Twin>() == align_of::<Plain>()) };
        const { assert!(size_of::<Option<Twin>>() == size_of::<Option<Plain>>()) };
        fn is_like_std<T: Send + Sync + UnwindSafe + RefUnwindSafe + Unpin + Debug + Default>() {}
        is_like_std::<Twin>();

        assert_eq!(Twin::default().into_inner(), Plain::default().into_inner());
        assert_eq!(Twin::from(b).into_inner(), b);
        let (twin, plain) = (Twin::new(a), Plain::new(a));
        #[expect(deprecated, reason = "it is there, so it is tested")]
        {
            same! { twin, plain: compare_and_swap(b, c, AcqRel); compare_and_swap(a, b, Release); }
        }
        same! { twin, plain:
            load(Relaxed);
            load(Acquire);
            store(c, Release);
            swap(a, AcqRel);
            compare_exchange(a, b, AcqRel, Acquire);
            compare_exchange(a, c, SeqCst, Relaxed);
            fetch_update(SeqCst, Relaxed, |old| (old == b).then_some(c));
            fetch_update(SeqCst, Relaxed, |old| (old == b).then_some(a));
            try_update(AcqRel, Acquire, |old| (old == c).then_some(a));
            try_update(AcqRel, Acquire, |old| (old == c).then_some(b));
            update(Release, Relaxed, |old| if old == a { b } else { c });
        }
        // Fails for other values always, and for this one only now and then.
        assert_eq!(twin.compare_exchange_weak(a, c, SeqCst, Acquire), Err(b));
        while twin.compare_exchange_weak(b, c, Release, Relaxed).is_err() {}
        assert_eq!(twin.load(SeqCst), c);

        let mut twin = twin;
        *twin.get_mut() = a;
        assert_eq!(twin.into_inner(), a);
        let mut value = a;
        let pointer = &raw mut value;
        // SAFETY: `value` is aligned for its atomic on the targets of the tests, and only used through it meanwhile.
        let shared = unsafe { Twin::from_ptr(pointer) };
        assert_eq!(shared.swap(b, SeqCst), a);
        assert!(ptr::eq(shared.as_ptr(), pointer));
        // SAFETY: no other thread knows it.
        assert_eq!(unsafe { *shared.as_ptr() }, b);
        assert_eq!(value, b);
    }};
}

macro_rules! check_integer {
    ($Atomic:ident, $Value:ident) => {{
        check_common!($Atomic, $Value, [$Value::MIN, 5, $Value::MAX]);
        let start = $Value::MAX - 2;
        let (twin, plain) = (atomic::$Atomic::new(start), plain::$Atomic::new(start));
        same! { twin, plain:
            fetch_add(7, SeqCst);
            fetch_sub(11, AcqRel);
            fetch_and(0x5e, Acquire);
            fetch_or(0x21, Release);
            fetch_xor(0x13, Relaxed);
            fetch_nand(0x37, SeqCst);
            fetch_max(9, AcqRel);
            fetch_max(3, Acquire);
            fetch_min(4, Release);
            fetch_min(8, Relaxed);
        }
    }};
}

#[test]
fn integers_are_like_those_of_the_standard_library() {
    #[cfg(target_has_atomic = "8")]
    {
        check_integer!(AtomicI8, i8);
        check_integer!(AtomicU8, u8);
    }
    #[cfg(target_has_atomic = "16")]
    {
        check_integer!(AtomicI16, i16);
        check_integer!(AtomicU16, u16);
    }
    #[cfg(target_has_atomic = "32")]
    {
        check_integer!(AtomicI32, i32);
        check_integer!(AtomicU32, u32);
    }
    #[cfg(target_has_atomic = "64")]
    {
        check_integer!(AtomicI64, i64);
        check_integer!(AtomicU64, u64);
    }
    #[cfg(target_has_atomic = "ptr")]
    {
        check_integer!(AtomicIsize, isize);
        check_integer!(AtomicUsize, usize);
    }
}

#[test]
fn booleans_are_like_those_of_the_standard_library() {
    // Two values have to do for three: nothing above depends on the first and the third being different.
    let (twin, plain) = (atomic::AtomicBool::new(true), plain::AtomicBool::new(true));
    for [start, operand] in [[false, false], [false, true], [true, false], [true, true]] {
        same! { twin, plain:
            store(start, SeqCst); fetch_and(operand, SeqCst);
            store(start, SeqCst); fetch_nand(operand, AcqRel);
            store(start, SeqCst); fetch_or(operand, Acquire);
            store(start, SeqCst); fetch_xor(operand, Release);
            store(start, SeqCst); fetch_not(Relaxed);
            swap(operand, SeqCst);
            compare_exchange(start, operand, SeqCst, Relaxed);
            fetch_update(SeqCst, Relaxed, |old| old.then_some(operand));
            try_update(SeqCst, Relaxed, |old| old.then_some(operand));
            update(SeqCst, Relaxed, |old| old ^ start);
        }
    }
}

#[test]
fn pointers_are_like_those_of_the_standard_library() {
    let mut values = [1_u16, 2, 3, 4];
    let first = values.as_mut_ptr();
    check_common!(
        AtomicPtr<u16>,
        *mut u16,
        [first, first.wrapping_add(1), ptr::null_mut()]
    );
    let (twin, plain) = (atomic::AtomicPtr::new(first), plain::AtomicPtr::new(first));
    same! { twin, plain:
        fetch_ptr_add(3, SeqCst);
        fetch_ptr_sub(1, AcqRel);
        fetch_byte_add(2, Acquire);
        fetch_byte_sub(4, Release);
        fetch_or(1, Relaxed);
        fetch_and(!1, SeqCst);
        fetch_xor(2, AcqRel);
    }
    fn is_pointer<T: Pointer>(_: &T) {}
    is_pointer(&twin);
    assert_eq!(format!("{twin:p}"), format!("{plain:p}"));
}

#[test]
fn booleans_have_the_layout_of_the_standard_library() {
    assert_eq!(size_of::<atomic::AtomicBool>(), 1);
    let mut value = true;
    let pointer = &raw mut value;
    // SAFETY: a `bool` is aligned for its atomic, and only used through it meanwhile.
    let shared = unsafe { atomic::AtomicBool::from_ptr(pointer) };
    assert!(shared.swap(false, SeqCst));
    assert!(ptr::eq(shared.as_ptr(), pointer));
    let mut owned = atomic::AtomicBool::from(value);
    assert!(!*owned.get_mut());
    assert!(!owned.into_inner());
    assert!(!atomic::AtomicBool::default().into_inner());
    fn is_like_std<T: Send + Sync + UnwindSafe + RefUnwindSafe + Debug>() {}
    is_like_std::<atomic::AtomicBool>();
}

#[test]
fn a_cast_from_a_plain_value_makes_an_atomic() {
    let values = [1_u32, 2, 3];
    // SAFETY: `AtomicU32` has the layout of `u32`, and nobody writes.
    let atomics: &[atomic::AtomicU32; 3] = unsafe { &*values.as_ptr().cast() };
    assert_eq!(atomics.each_ref().map(|atomic| atomic.load(SeqCst)), values);
}

#[test]
fn atomics_are_made_and_unmade_in_constants() {
    static COUNT: atomic::AtomicU32 = atomic::AtomicU32::new(7);
    const SEVEN: u32 = atomic::AtomicU32::new(7).into_inner();
    static POINTER: atomic::AtomicPtr<u8> = atomic::AtomicPtr::new(ptr::null_mut());
    const fn address(count: &atomic::AtomicU32) -> *mut u32 {
        count.as_ptr()
    }
    assert_eq!(COUNT.load(SeqCst), SEVEN);
    assert_eq!(address(&COUNT), COUNT.as_ptr());
    assert!(POINTER.load(SeqCst).is_null());
}

#[test]
#[expect(deprecated, reason = "they are there, so they are tested")]
fn the_old_names_are_there() {
    static OLD: atomic::AtomicUsize = atomic::ATOMIC_USIZE_INIT;
    assert_eq!(OLD.load(SeqCst), 0);
    assert_eq!({ atomic::ATOMIC_ISIZE_INIT }.into_inner(), 0);
    assert!(!{ atomic::ATOMIC_BOOL_INIT }.into_inner());
    atomic::spin_loop_hint();
}

/// ```text
/// t1: data = 1 ── fence ── ready
/// t2:                      ready ── fence ── data is 1
/// ```
#[test]
fn fences_order_what_is_relaxed() {
    static DATA: atomic::AtomicU32 = atomic::AtomicU32::new(0);
    static READY: atomic::AtomicBool = atomic::AtomicBool::new(false);
    let writer = thread::spawn(|| {
        DATA.store(1, Relaxed);
        atomic::fence(Release);
        READY.store(true, Relaxed);
    });
    while !READY.load(Relaxed) {
        thread::yield_now();
    }
    atomic::fence(Acquire);
    assert_eq!(DATA.load(Relaxed), 1);
    atomic::compiler_fence(SeqCst);
    writer.join().unwrap();
}

#[test]
fn no_addition_is_lost() {
    static TOTAL: atomic::AtomicU64 = atomic::AtomicU64::new(0);
    let adders = [1, 2, 3, 4].map(|step| {
        thread::spawn(move || {
            for _ in 0..1_000 {
                TOTAL.fetch_add(step, Relaxed);
            }
        })
    });
    adders.into_iter().for_each(|adder| adder.join().unwrap());
    assert_eq!(TOTAL.load(SeqCst), 10_000);
}

// The orderings below are hidden from the compiler: it refuses them on the standard library's types.

#[test]
#[should_panic(expected = "there is no such thing as a release load")]
fn a_load_cannot_release() {
    atomic::AtomicU8::new(0).load(black_box(Release));
}

#[test]
#[should_panic(expected = "there is no such thing as an acquire store")]
fn a_store_cannot_acquire() {
    atomic::AtomicBool::new(false).store(true, black_box(Acquire));
}
