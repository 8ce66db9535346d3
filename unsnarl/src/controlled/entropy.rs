//! Random keys: under control they are the same in each execution, so that hash maps iterate in the same order.
//!
//! The standard library draws the keys of its hash maps once for each thread of the operating system, and counts up from
//! there. It draws them with the function `getrandom`, which an executable can define in the place of the C library's. So
//! where a thread has drawn some, the next execution runs on another, and gets the same.

#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod linux {
    use std::ffi::{c_long, c_uint};

    use crate::controlled::current::with;
    use crate::controlled::execution::Execution;
    use crate::controlled::is_on;

    #[cfg(target_arch = "x86_64")]
    const GETRANDOM: c_long = 318;
    #[cfg(target_arch = "aarch64")]
    const GETRANDOM: c_long = 278;

    unsafe extern "C" {
        fn syscall(number: c_long, ...) -> c_long;
    }

    /// Fills a buffer with what looks random. See `getrandom(2)`.
    ///
    /// # Safety
    ///
    /// The buffer must have `length` bytes.
    // SAFETY: it does what the function of this name is to do, for whoever calls it.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn getrandom(buffer: *mut u8, length: usize, flags: c_uint) -> isize {
        if !is_on() {
            // SAFETY: the caller keeps what it promised.
            return unsafe { syscall(GETRANDOM, buffer, length, flags) as isize };
        }
        // SAFETY: the caller promises a buffer of this length; it may not be initialised, which bytes written one by one
        // through the pointer do not mind.
        with(|execution| {
            for place in 0..length {
                let byte = execution.random_byte();
                // SAFETY: see above.
                unsafe { buffer.add(place).write(byte) };
            }
        });
        isize::try_from(length).unwrap_or(isize::MAX)
    }

    impl Execution {
        fn random_byte(&mut self) -> u8 {
            self.drawn_bytes += 1;
            // Not the seed of the exploration: a replay token alone shows the same again.
            (explore::rng::mix(0, self.drawn_bytes) >> 32) as u8
        }
    }

    /// Makes sure that the linker takes the function above in.
    pub(crate) fn be_there() {
        std::hint::black_box(getrandom as *const ());
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
