//! Random keys: under control they are the same in each execution, so that hash maps iterate in the same order.
//!
//! The standard library draws the keys of its hash maps once for each thread of the operating system, and counts up from
//! there. It draws them with the function `getrandom`, which an executable can define in the place of the C library's, as
//! can crates that make random numbers; some of those ask with the function `syscall`. So where a thread has drawn some, the
//! next execution runs on another, and gets the same.

#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod linux {
    use std::ffi::{c_int, c_long, c_uint};

    use crate::controlled::current::with;
    use crate::controlled::execution::Execution;
    use crate::controlled::is_on;

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
        // SAFETY: the caller keeps what it promised.
        unsafe {
            syscall(
                libc::SYS_getrandom,
                buffer.expose_provenance(),
                length,
                flags as usize,
                0,
                0,
                0,
            ) as isize
        }
    }

    /// Calls the kernel. See `syscall(2)`; some ask for random bytes in this way. Who passes fewer arguments has the others
    /// undefined, which no system call looks at.
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
        if number == libc::SYS_getrandom && is_on() {
            // SAFETY: the caller promises a buffer of this length.
            return unsafe { fill(std::ptr::with_exposed_provenance_mut(a), b) };
        }
        // SAFETY: the caller keeps what it promised.
        let result = unsafe { call(number, [a, b, c, d, e, f]) };
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

    /// Fills a buffer with what is the same in each execution.
    ///
    /// # Safety
    ///
    /// The buffer must have `length` bytes.
    unsafe fn fill(buffer: *mut u8, length: usize) -> c_long {
        // Bytes written one by one through the pointer do not mind that it may not be initialised.
        with(|execution| {
            for place in 0..length {
                let byte = execution.random_byte();
                // SAFETY: see above.
                unsafe { buffer.add(place).write(byte) };
            }
        });
        c_long::try_from(length).unwrap_or(c_long::MAX)
    }

    impl Execution {
        fn random_byte(&mut self) -> u8 {
            self.drawn_bytes += 1;
            // Not the seed of the exploration: a replay token alone shows the same again.
            (explore::rng::mix(0, self.drawn_bytes) >> 32) as u8
        }
    }

    /// Makes sure that the linker takes the functions above in.
    pub(crate) fn be_there() {
        std::hint::black_box((getrandom as *const (), syscall as *const ()));
    }
}

#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub(super) use linux::be_there;

/// Elsewhere keys are the system's.
#[cfg(not(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
pub(super) fn be_there() {}
