//! A lock that somebody holds: how every twin waits for one.

use lockgraph::wait::need::Need;
use model::event::Mode;
use model::site::Caller;

use super::spin::spin;
use super::tag::Tag;
use crate::recorder::{profile, waits};

/// Waits for a lock: with `attempt` as long as that may help, else with `sleep`. Where others sleep already it does not:
/// the lock is theirs first.
///
/// # Panics
///
/// If the thread would wait for ever.
#[track_caller]
pub(crate) fn wait<R>(
    tag: &Tag,
    mode: Mode,
    site: Caller,
    mut attempt: impl FnMut() -> Option<R>,
    sleep: impl FnOnce() -> R,
) -> R {
    controlled! { return crate::controlled::lock::wait_outside(tag.target(), attempt); }
    if profile::is_on() {
        profile::contend();
    }
    if !tag.has_sleepers()
        && let Some(locked) = spin(&mut attempt)
    {
        return locked;
    }
    let _sleeper = tag.sleeper();
    waits::block(tag.target(), Need::Lock(mode), site, attempt, sleep)
}
