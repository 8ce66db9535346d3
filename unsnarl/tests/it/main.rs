//! The integration tests of `unsnarl`. Loom cannot take most of them: `modelled.rs` has its own.

#![cfg(any(feature = "observe", not(feature = "loom")))]

mod atomics;
#[cfg(feature = "macros")]
mod attribute;
mod channels;
#[cfg(feature = "observe")]
mod dump;
#[cfg(feature = "explore")]
mod explore;
#[cfg(feature = "explore")]
mod explored_bad_input;
#[cfg(all(
    feature = "explore",
    target_os = "linux",
    target_env = "gnu",
    target_arch = "x86_64"
))]
mod explored_kernel;
#[cfg(feature = "explore")]
mod explored_leaks;
#[cfg(feature = "explore")]
mod explored_mishaps;
#[cfg(feature = "explore")]
mod explored_races;
#[cfg(feature = "explore")]
mod explored_rings;
#[cfg(feature = "explore")]
mod explored_weak;
#[cfg(feature = "observe")]
mod faults;
mod futures;
mod idioms;
mod leaks;
#[cfg(feature = "explore")]
mod plain;
#[cfg(feature = "observe")]
mod profile;
mod races;
#[cfg(feature = "observe")]
mod rounds;
mod surface;
#[cfg(feature = "tokio")]
mod tasks;
#[cfg(feature = "observe")]
mod told_races;
