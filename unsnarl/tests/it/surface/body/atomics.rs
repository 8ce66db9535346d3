use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

use super::panic_of;
use super::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU8,
    AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering, compiler_fence, fence,
};

/// Tests what every atomic can do.
macro_rules! common {
    ($Atomic:ty, $one:expr, $two:expr) => {{
        let (one, two) = ($one, $two);
        let mut atomic = <$Atomic>::new(one);
        assert_eq!(atomic.load(Acquire), one);
        atomic.store(two, Release);
        assert_eq!(atomic.swap(one, AcqRel), two);
        assert_eq!(atomic.compare_exchange(two, two, SeqCst, Relaxed), Err(one));
        assert_eq!(atomic.compare_exchange(one, two, SeqCst, Relaxed), Ok(one));
        while atomic
            .compare_exchange_weak(two, one, AcqRel, Acquire)
            .is_err()
        {}
        #[expect(deprecated, reason = "it is still there")]
        let before = atomic.compare_and_swap(one, two, SeqCst);
        assert_eq!(before, one);
        assert_eq!(atomic.fetch_update(SeqCst, SeqCst, |_| None), Err(two));
        assert_eq!(atomic.fetch_update(SeqCst, SeqCst, |_| Some(one)), Ok(two));
        assert_eq!(atomic.try_update(SeqCst, SeqCst, |_| None), Err(one));
        assert_eq!(atomic.update(SeqCst, SeqCst, |_| two), one);
        *atomic.get_mut() = one;
        assert_eq!(format!("{atomic:?}"), format!("{one:?}"));
        // SAFETY: the pointer comes from an atomic that lives, and nothing else uses it meanwhile.
        let same = unsafe { <$Atomic>::from_ptr(atomic.as_ptr()) };
        assert_eq!(same.swap(two, SeqCst), one);
        assert_eq!(<$Atomic>::from(two).into_inner(), atomic.into_inner());
        assert_eq!(size_of::<$Atomic>(), size_of_val(&one));
        assert!(panic_of(|| <$Atomic>::new(one).load(unfit())).contains("no such thing"));
    }};
}

/// An ordering that a load cannot have, hidden from the compiler.
fn unfit() -> Ordering {
    std::hint::black_box(Release)
}

/// Tests what the integers among them can do.
macro_rules! integer {
    ($($test:ident: $Atomic:ident, $Value:ident;)+) => {$(
        #[test]
        fn $test() {
            const ONE: $Value = 1;
            static ATOMIC: $Atomic = $Atomic::new(ONE);
            common!($Atomic, ONE, 2);
            assert_eq!(ATOMIC.fetch_add($Value::MAX, SeqCst), 1);
            assert_eq!(ATOMIC.load(SeqCst), $Value::MIN);
            assert_eq!(ATOMIC.fetch_sub($Value::MIN, SeqCst), $Value::MIN);
            assert_eq!(ATOMIC.fetch_or(0b1110, SeqCst), 0);
            assert_eq!(ATOMIC.fetch_and(0b0111, SeqCst), 0b1110);
            assert_eq!(ATOMIC.fetch_xor(0b0101, SeqCst), 0b0110);
            assert_eq!(ATOMIC.fetch_nand(0b0001, SeqCst), 0b0011);
            assert_eq!(ATOMIC.fetch_min(5, SeqCst), !1);
            assert_eq!(ATOMIC.fetch_max(3, SeqCst), std::cmp::min(5, !1));
            assert!(ATOMIC.load(SeqCst) >= 3);
            assert_eq!($Atomic::default().into_inner(), 0);
        }
    )+};
}

integer! {
    i8_is_atomic: AtomicI8, i8;
    i16_is_atomic: AtomicI16, i16;
    i32_is_atomic: AtomicI32, i32;
    i64_is_atomic: AtomicI64, i64;
    isize_is_atomic: AtomicIsize, isize;
    u8_is_atomic: AtomicU8, u8;
    u16_is_atomic: AtomicU16, u16;
    u32_is_atomic: AtomicU32, u32;
    u64_is_atomic: AtomicU64, u64;
    usize_is_atomic: AtomicUsize, usize;
}

#[test]
fn bool_is_atomic() {
    common!(AtomicBool, false, true);
    let atomic = AtomicBool::default();
    assert!(!atomic.fetch_or(true, SeqCst));
    assert!(atomic.fetch_and(true, SeqCst));
    assert!(atomic.fetch_xor(true, SeqCst));
    assert!(!atomic.fetch_nand(true, SeqCst));
    assert!(atomic.fetch_not(SeqCst));
    assert!(!atomic.load(SeqCst));
}

#[test]
fn pointers_are_atomic() {
    let mut values = [1_u8, 2];
    let first = values.as_mut_ptr();
    common!(AtomicPtr<u8>, first, first.wrapping_add(1));
    let atomic = AtomicPtr::new(first);
    assert_eq!(atomic.fetch_ptr_add(1, SeqCst), first);
    assert_eq!(atomic.fetch_ptr_sub(1, SeqCst), first.wrapping_add(1));
    assert_eq!(atomic.fetch_byte_add(1, SeqCst), first);
    assert_eq!(atomic.fetch_byte_sub(1, SeqCst), first.wrapping_add(1));
    assert_eq!(atomic.fetch_or(0, SeqCst), first);
    assert_eq!(atomic.fetch_and(usize::MAX, SeqCst), first);
    assert_eq!(atomic.fetch_xor(0, SeqCst), first);
    assert!(AtomicPtr::<u8>::default().into_inner().is_null());
    assert_eq!(format!("{atomic:p}"), format!("{first:p}"));
}

#[test]
fn fences_are_there() {
    fence(SeqCst);
    compiler_fence(Acquire);
    assert!(panic_of(|| fence(std::hint::black_box(Relaxed))).contains("no such thing"));
}
