//! A lock that somebody holds: how every twin waits for one.

use lockgraph::wait::need::Need;
use model::event::Mode;
use model::site::Caller;

use super::spin::spin;
use super::tag::Tag;
use crate::recorder::waits;

/// Waits for a lock: with `attempt` as long as that may help, else with `sleep`.
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
    match spin(&mut attempt) {
        Some(locked) => locked,
        None => waits::block(tag.target(), Need::Lock(mode), site, attempt, sleep),
    }
}
