//! Calls of the kernel: an executable can define the functions of the C library that make them. So random bytes are the
//! same in each execution ([`super::entropy`]), and who sleeps in the kernel is under control as well ([`super::futex`]).

use std::ffi::{c_int, c_long, c_uint};
use std::sync::atomic::{AtomicUsize, Ordering};
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
    let command = operation & !(libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME);
    let is_thread = futex::is_called_by_thread() && !is_in_static(address);
    // SAFETY: the caller keeps what it promised.
    let timeout = || unsafe { time(timeout) };
    let timeout = match command {
        libc::FUTEX_WAKE | libc::FUTEX_WAKE_BITSET => {
            let all = value > 1;
            let woken = if is_thread {
                futex::wake(address, all)
            } else {
                0
            };
            if woken == 0 {
                futex::called_from_outside(address, all);
            }
            return (woken > 0).then(|| c_long::try_from(woken).unwrap_or(c_long::MAX));
        }
        libc::FUTEX_WAIT if is_thread => timeout(),
        libc::FUTEX_WAIT_BITSET if is_thread => timeout().map(|until| {
            let is_real = operation & libc::FUTEX_CLOCK_REALTIME != 0;
            until.saturating_sub(now(if is_real {
                libc::CLOCK_REALTIME
            } else {
                libc::CLOCK_MONOTONIC
            }))
        }),
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

/// Where the executable lies in memory, its statics included.
static EXECUTABLE: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];

/// Whether this is in a static. Locks of the standard library and of ours are there which threads outside of the run have
/// for a moment, whatever the program does.
fn is_in_static(address: usize) -> bool {
    let [start, end] = EXECUTABLE.each_ref().map(|at| at.load(Ordering::Relaxed));
    (start..end).contains(&address)
}

/// Notes where the executable lies, which is the first that is told of.
unsafe extern "C" fn note_executable(
    info: *mut libc::dl_phdr_info,
    _size: usize,
    _data: *mut libc::c_void,
) -> c_int {
    // SAFETY: the C library passes what is valid during the call.
    let (base, headers) = unsafe {
        let info = &*info;
        let count = usize::from(info.dlpi_phnum);
        (
            info.dlpi_addr as usize,
            std::slice::from_raw_parts(info.dlpi_phdr, count),
        )
    };
    let loaded = headers
        .iter()
        .filter(|header| header.p_type == libc::PT_LOAD);
    let ends = loaded.map(|header| base + header.p_vaddr as usize + header.p_memsz as usize);
    // Relaxed, here and above: whoever looks too early takes nothing for a static, as if there were none.
    EXECUTABLE[0].store(base, Ordering::Relaxed);
    EXECUTABLE[1].store(ends.max().unwrap_or(base), Ordering::Relaxed);
    1
}

/// Makes sure that the linker takes the functions above in, and that they know the program.
pub(super) fn be_there() {
    std::hint::black_box((getrandom as *const (), syscall as *const ()));
    if EXECUTABLE[1].load(Ordering::Relaxed) == 0 {
        // SAFETY: the function does what is asked of such ones.
        unsafe { libc::dl_iterate_phdr(Some(note_executable), std::ptr::null_mut()) };
    }
}
