//! Whether a process stands still for good, as the operating system sees it: each of its threads waits on a futex in memory
//! that no other process has, without a timeout that would end the wait before the run is to end anyway.
//!
//! Standing still is told of whatever the process is made of, watched or not. A thread that waits for anything else, such
//! as a file, a socket, a child, or a moment, may be gone on with, and so may all the others; so may a program that
//! handles signals.

#[cfg(not(target_os = "linux"))]
use std::time::Duration;

#[cfg(target_os = "linux")]
pub(crate) use linux::Standstill;

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::{self, File};
    use std::os::unix::fs::FileExt as _;
    use std::time::{Duration, Instant};

    use crate::system;

    /// Between two looks.
    const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

    /// How long all threads stand still before that is believed.
    const TO_BE_SURE: Duration = Duration::from_millis(30);

    /// The same while unsnarl's own thread still looks at them: it can say more, if it is sure before.
    const TO_LET_IT_SPEAK: Duration = Duration::from_millis(500);

    /// `futex(2)`, by its number.
    #[cfg(target_arch = "x86_64")]
    const FUTEX: &str = "202";
    #[cfg(not(target_arch = "x86_64"))]
    const FUTEX: &str = "98";

    /// Operations of a futex, and flags of these.
    const WAIT: u64 = 0;
    const WAIT_BITSET: u64 = 9;
    const PRIVATE: u64 = 128;
    const REALTIME: u64 = 256;

    /// Looks at a process now and then.
    pub(crate) struct Standstill {
        process: u32,
        next_look: Instant,
        /// Since when the threads have not moved, and what they had done until then.
        still: Option<(Instant, Vec<(u32, u64)>)>,
    }

    impl Standstill {
        pub(crate) fn new(process: u32) -> Self {
            Self {
                process,
                next_look: Instant::now() + BETWEEN_LOOKS,
                still: None,
            }
        }

        /// Whether the process stands still for longer than `rest`, after which it would be ended anyway.
        pub(crate) fn is_certain(&mut self, rest: Duration) -> bool {
            let now = Instant::now();
            if now < self.next_look {
                return false;
            }
            self.next_look = now + BETWEEN_LOOKS;
            let Some((needed, moves)) = self.waiting(rest) else {
                self.still = None;
                return false;
            };
            match &self.still {
                Some((since, before)) if *before == moves => since.elapsed() >= needed,
                _ => {
                    self.still = Some((now, moves));
                    false
                }
            }
        }

        /// What each thread of the program has done so far, if all of them wait for one another, and for how long that
        /// has to last.
        fn waiting(&self, rest: Duration) -> Option<(Duration, Vec<(u32, u64)>)> {
            let mut needed = TO_BE_SURE;
            for thread in system::thread_ids(self.process) {
                if self.waits_for_others(thread, rest) {
                    continue;
                }
                if !system::is_monitor(self.process, thread) {
                    return None;
                }
                needed = TO_LET_IT_SPEAK;
            }
            let threads = system::threads(self.process);
            let is_stuck = !threads.is_empty() && !system::handles_signals(self.process);
            let moves = threads.iter().map(|thread| (thread.id, thread.moves));
            is_stuck.then(|| (needed, moves.collect()))
        }

        /// Whether a thread waits for another one of its process, and for longer than this.
        fn waits_for_others(&self, thread: u32, rest: Duration) -> bool {
            let path = format!("/proc/{}/task/{thread}/syscall", self.process);
            let call = fs::read_to_string(path).unwrap_or_default();
            let mut words = call.split_whitespace();
            if words.next() != Some(FUTEX) {
                return false;
            }
            let numbers =
                words.map(|word| u64::from_str_radix(word.trim_start_matches("0x"), 16).ok());
            let Some(numbers) = numbers.collect::<Option<Vec<u64>>>() else {
                return false;
            };
            let [address, operation, _value, timeout, ..] = numbers[..] else {
                return false;
            };
            // Joining a thread is a wait that other processes could end, were its memory shared.
            if operation & PRIVATE == 0 && !self.is_private(address) {
                return false;
            }
            match (operation & !PRIVATE, timeout) {
                (operation, 0) => [WAIT, WAIT_BITSET].contains(&(operation & !REALTIME)),
                // Until a moment of the clock that only runs forward.
                (WAIT_BITSET, at) => self.moment(at).is_some_and(|moment| moment > now() + rest),
                _ => false,
            }
        }

        /// Whether no other process has the memory at this address.
        fn is_private(&self, address: u64) -> bool {
            let maps =
                fs::read_to_string(format!("/proc/{}/maps", self.process)).unwrap_or_default();
            let part = maps.lines().find_map(|line| {
                let mut words = line.split(' ');
                let (start, end) = words.next()?.split_once('-')?;
                let number = |text| u64::from_str_radix(text, 16).ok();
                let is_it = (number(start)?..number(end)?).contains(&address);
                is_it.then(|| words.next().unwrap_or_default())
            });
            part.is_some_and(|rights| rights.ends_with('p'))
        }

        /// A `timespec` in the process's memory.
        fn moment(&self, address: u64) -> Option<Duration> {
            let memory = File::open(format!("/proc/{}/mem", self.process)).ok()?;
            let mut bytes = [0; 16];
            memory.read_exact_at(&mut bytes, address).ok()?;
            let (seconds, nanos) = bytes.split_at(8);
            let seconds = u64::from_le_bytes(seconds.try_into().ok()?);
            let nanos = u64::from_le_bytes(nanos.try_into().ok()?);
            Some(Duration::new(seconds, u32::try_from(nanos).ok()?))
        }
    }

    /// The clock that only runs forward, as waits are timed by it.
    fn now() -> Duration {
        #[repr(C)]
        struct Timespec {
            seconds: i64,
            nanos: i64,
        }
        const MONOTONIC: i32 = 1;
        unsafe extern "C" {
            fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
        }
        let mut time = Timespec {
            seconds: 0,
            nanos: 0,
        };
        // SAFETY: `time` is what the call writes to.
        unsafe { clock_gettime(MONOTONIC, &raw mut time) };
        let seconds = u64::try_from(time.seconds).unwrap_or_default();
        Duration::new(seconds, u32::try_from(time.nanos).unwrap_or_default())
    }
}

/// Looks at a process; here nobody knows how.
#[cfg(not(target_os = "linux"))]
pub(crate) struct Standstill;

#[cfg(not(target_os = "linux"))]
impl Standstill {
    pub(crate) fn new(_process: u32) -> Self {
        Self
    }

    pub(crate) fn is_certain(&mut self, _rest: Duration) -> bool {
        false
    }
}
