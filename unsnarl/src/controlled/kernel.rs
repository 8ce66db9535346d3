//! Calls of the kernel: an executable can define the functions of the C library that make them. So random bytes are the
//! same in each execution ([`super::entropy`]), and who sleeps in the kernel is under control as well ([`super::futex`]).

use std::ffi::{c_int, c_long, c_uint};
use std::time::Duration;

use super::futex::{self, End};
use super::{entropy, is_on};

/// The largest number of an error, as the kernel returns them: negative.
const MOST_ERRORS: c_long = 4095;

/// Fills a buffer with what looks random. See `getrandom(2)`.
///
/// # Safety
///
/// The buffer must have `length` bytes.
// SAFETY: it does what the function of this name is to do, for whoever calls it.
#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(buffer: *mut u8, length: usize, flags: c_uint) -> isize {
    let buffer = buffer.expose_provenance();
    // SAFETY: the caller keeps what it promised.
    unsafe { syscall(libc::SYS_getrandom, buffer, length, flags as usize, 0, 0, 0) as isize }
}

/// Calls the kernel. See `syscall(2)`. Who passes fewer arguments has the others undefined, which no system call looks at.
///
/// # Safety
///
/// That of the system call.
// SAFETY: it does what the function of this name is to do, for whoever calls it; arguments of variadic functions are
// passed where those of others are.
#[unsafe(no_mangle)]
#[rustfmt::skip]
unsafe extern "C" fn syscall(
    number: c_long, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize,
) -> c_long {
    // SAFETY: the caller keeps what it promised.
    let ours = unsafe {
        match number {
            libc::SYS_getrandom if is_on() => Some(entropy::fill(a, b)),
            libc::SYS_futex => futex(a, b, c, d),
            _ => None,
        }
    };
    // SAFETY: the caller keeps what it promised.
    let result = ours.unwrap_or_else(|| unsafe { call(number, [a, b, c, d, e, f]) });
    if (-MOST_ERRORS..0).contains(&result) {
        // SAFETY: every thread has such a place.
        unsafe { *libc::__errno_location() = -result as c_int };
        return -1;
    }
    result
}

#[cfg(target_arch = "x86_64")]
unsafe fn call(number: c_long, arguments: [usize; 6]) -> c_long {
    let [a, b, c, d, e, f] = arguments;
    let result;
    // SAFETY: this is how Linux is called; the caller keeps what the call asks for.
    unsafe {
        std::arch::asm!(
            "syscall", inlateout("rax") number => result,
            in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e, in("r9") f,
            lateout("rcx") _, lateout("r11") _, options(nostack),
        );
    }
    result
}

#[cfg(target_arch = "aarch64")]
unsafe fn call(number: c_long, arguments: [usize; 6]) -> c_long {
    let [a, b, c, d, e, f] = arguments;
    let result;
    // SAFETY: this is how Linux is called; the caller keeps what the call asks for.
    unsafe {
        std::arch::asm!(
            "svc 0", in("x8") number, inlateout("x0") a => result,
            in("x1") b, in("x2") c, in("x3") d, in("x4") e, in("x5") f,
            options(nostack),
        );
    }
    result
}

/// Sleeps on the word at this address, or wakes sleepers. `None` if that is the kernel's business.
///
/// # Safety
///
/// As for `futex(2)`.
unsafe fn futex(address: usize, operation: usize, value: usize, timeout: usize) -> Option<c_long> {
    let (operation, value) = (operation as c_int, value as u32);
    // SAFETY: the caller keeps what it promised.
    let timeout = || unsafe { time(timeout) };
    let timeout = match operation & !(libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME) {
        libc::FUTEX_WAKE | libc::FUTEX_WAKE_BITSET if !is_on() => {
            futex::called_from_outside(address, value > 1);
            return None;
        }
        _ if !is_on() => return None,
        libc::FUTEX_WAIT => timeout(),
        libc::FUTEX_WAIT_BITSET => timeout().map(|until| {
            let is_real = operation & libc::FUTEX_CLOCK_REALTIME != 0;
            until.saturating_sub(now(if is_real {
                libc::CLOCK_REALTIME
            } else {
                libc::CLOCK_MONOTONIC
            }))
        }),
        libc::FUTEX_WAKE | libc::FUTEX_WAKE_BITSET => {
            let woken = futex::wake(address, value > 1);
            return (woken > 0).then(|| c_long::try_from(woken).unwrap_or(c_long::MAX));
        }
        _ => return None,
    };
    let error = match futex::sleep(address, value, timeout) {
        End::Woken => 0,
        End::Late => libc::EAGAIN,
        End::TimedOut => libc::ETIMEDOUT,
        End::Interrupted => libc::EINTR,
    };
    Some(-c_long::from(error))
}

/// The time at this address, if there is one.
///
/// # Safety
///
/// There must be one, unless the address is null.
unsafe fn time(address: usize) -> Option<Duration> {
    let time = std::ptr::with_exposed_provenance::<libc::timespec>(address);
    // SAFETY: the caller keeps what it promised.
    Some(duration(unsafe { time.as_ref()? }))
}

fn now(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: there is room for the time.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    duration(&time)
}

fn duration(time: &libc::timespec) -> Duration {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Makes sure that the linker takes the functions above in.
pub(super) fn be_there() {
    std::hint::black_box((getrandom as *const (), syscall as *const ()));
}
