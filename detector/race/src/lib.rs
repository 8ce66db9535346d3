//! The race detector of unsnarl.
//!
//! Plain values without globals, clocks or I/O. A thread's half is [`local::Local`]; what threads share is small and
//! lies where it is used: a [`stamp::Stamp`] in each lock, message and end of a thread, a [`location::Location`] in each
//! atomic, a [`shadow::Shadow`] in each watched value, and the numbers of threads in [`slots::Slots`].

pub mod aba;
pub mod clock;
pub mod epoch;
pub mod event;
pub mod finding;
pub mod local;
pub mod location;
pub mod lock;
pub mod serial;
pub mod shadow;
pub mod slots;
pub mod stamp;
pub mod tape;
pub mod updates;
#[cfg(any(test, feature = "weak"))]
pub mod weak;

#[cfg(feature = "offline")]
pub mod analysis;
#[cfg(feature = "offline")]
pub mod discipline;
#[cfg(feature = "offline")]
pub mod error;
#[cfg(feature = "offline")]
pub mod happens_before;
#[cfg(feature = "offline")]
pub mod lockset;
#[cfg(feature = "offline")]
pub mod names;
#[cfg(feature = "offline")]
pub mod predict;
#[cfg(feature = "offline")]
pub mod source;
#[cfg(feature = "offline")]
pub mod std_format;
#[cfg(feature = "offline")]
pub mod tape_reader;

#[cfg(all(test, feature = "offline"))]
mod made;
#[cfg(all(test, feature = "offline"))]
mod notation;
#[cfg(all(test, feature = "offline"))]
mod oracle;
#[cfg(all(test, feature = "offline"))]
mod standard;
#[cfg(feature = "offline")]
mod table;
