//! Faults: things that go wrong where a program says that they may.
//!
//! [`fault_point!`](crate::fault_point) names a place. A test arms it, for itself only, or `cargo unsnarl stress --faults`
//! lets something happen there in some runs. With the feature `check` off, nothing ever does.

use std::fmt;
use std::time::Duration;

#[cfg(feature = "observe")]
use crate::recorder::faults;
#[cfg(feature = "observe")]
use stress::fault::Effect;

/// A place at which something may go wrong: `fault_point!("after-charge")` panics or takes its time there,
/// `fault_point!("after-charge", return Err(Error::Lost))` does that instead of panicking.
///
/// ```
/// use unsnarl::{fault, fault_point};
///
/// fn charge() -> Result<(), String> {
///     fault_point!("before-charge", return Err("the line is dead".to_owned()));
///     Ok(())
/// }
///
/// assert_eq!(charge(), Ok(()));
/// # #[cfg(feature = "check")]
/// {
///     let _armed = fault::error_at("before-charge");
///     assert!(charge().is_err());
/// }
/// ```
#[macro_export]
macro_rules! fault_point {
    ($name:expr $(,)?) => {
        $crate::fault::__pass($name)
    };
    ($name:expr, $error:expr $(,)?) => {
        if $crate::fault::__has_error($name) {
            $error
        }
    };
}

/// A fault point that is armed until this is dropped, in the test that the current thread belongs to and in the threads
/// that it starts; not in tests that run at the same time.
#[must_use = "the fault point is armed until this is dropped"]
pub struct Armed {
    #[cfg(feature = "observe")]
    number: usize,
}

/// The fault point of this name panics.
pub fn panic_at(name: &str) -> Armed {
    arm(name, Kind::Panic, Duration::ZERO)
}

/// The fault point of this name does what it does on an error; one without that panics.
pub fn error_at(name: &str) -> Armed {
    arm(name, Kind::Error, Duration::ZERO)
}

/// The fault point of this name takes so long.
pub fn delay_at(name: &str, delay: Duration) -> Armed {
    arm(name, Kind::Delay, delay)
}

/// What an armed point does.
enum Kind {
    Panic,
    Error,
    Delay,
}

#[cfg(feature = "observe")]
fn arm(name: &str, kind: Kind, delay: Duration) -> Armed {
    let effect = match kind {
        Kind::Panic => Effect::Panic,
        Kind::Error => Effect::Error,
        Kind::Delay => Effect::Delay,
    };
    Armed {
        number: faults::arm(name, effect, delay),
    }
}

#[cfg(not(feature = "observe"))]
fn arm(_name: &str, _kind: Kind, _delay: Duration) -> Armed {
    Armed {}
}

#[cfg(feature = "observe")]
impl Drop for Armed {
    fn drop(&mut self) {
        faults::disarm(self.number);
    }
}

impl fmt::Debug for Armed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Armed").finish_non_exhaustive()
    }
}

/// The current thread comes by a fault point.
#[doc(hidden)]
#[inline]
pub fn __pass(name: &str) {
    if has_error(name, false) {
        panic!("unsnarl: fault at `{name}`");
    }
}

/// Whether the current thread is to do what it does on an error at a fault point.
#[doc(hidden)]
#[inline]
pub fn __has_error(name: &str) -> bool {
    has_error(name, true)
}

#[cfg(feature = "observe")]
fn has_error(name: &str, can_fail: bool) -> bool {
    match faults::strike(name, can_fail) {
        None => false,
        Some((Effect::Delay, delay)) => {
            crate::thread::sleep(delay);
            false
        }
        Some((Effect::Panic, _)) if can_fail => panic!("unsnarl: fault at `{name}`"),
        Some(_) => true,
    }
}

#[cfg(not(feature = "observe"))]
#[inline]
fn has_error(_name: &str, _can_fail: bool) -> bool {
    false
}
