//! A thread, or task, that is blocked.

use lockgraph::wait::need::{Deed, Need};
use model::kind::Kind;
use model::profile::Why;
use model::site::Caller;
use profile::sample::{Nanos, Sample, Spot};

use super::{desk, is_on, now};

/// Somebody is blocked until this is dropped.
#[must_use]
pub(crate) struct Blocked(Option<Begun>);

struct Begun {
    site: Caller,
    why: Why,
    kind: Kind,
    since: Nanos,
    /// Whether the time is the current thread's, and counts for what it holds.
    is_own: bool,
}

/// The current thread is about to be blocked by something, there.
pub(crate) fn blocked(site: Caller, why: Why, kind: Kind) -> Blocked {
    begin(site, why, kind, true)
}

/// The current thread is about to sleep, there.
pub(crate) fn sleeping(site: Caller) -> Blocked {
    blocked(site, Why::Time, Kind::Thread)
}

/// A task awaits something, there.
#[cfg(feature = "tasks")]
pub(crate) fn awaiting(site: Caller, why: Why, kind: Kind) -> Blocked {
    begin(site, why, kind, false)
}

fn begin(site: Caller, why: Why, kind: Kind, is_own: bool) -> Blocked {
    Blocked(is_on().then(|| Begun {
        site,
        why,
        kind,
        since: now(),
        is_own,
    }))
}

/// What stands in the way of a need.
pub(crate) fn reason(need: &Need) -> Why {
    match need {
        Need::Lock(_) => Why::Lock,
        Need::End(_) | Need::Ends(_) | Need::Anyone(Deed::End) => Why::End,
        Need::Anyone(Deed::Send) => Why::Message,
        Need::Anyone(Deed::Receive) => Why::Room,
        Need::Anyone(Deed::Notify) => Why::Notification,
        Need::Anyone(Deed::Arrive) => Why::Barrier,
        Need::Anyone(Deed::Initialise) => Why::Initialisation,
        Need::Anyone(Deed::Unpark) => Why::Park,
        Need::Anyone(Deed::Release) => Why::Permit,
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        let Some(begun) = self.0.take() else { return };
        desk::with(|desk| {
            let time = now().saturating_sub(begun.since);
            match begun.why {
                _ if !begun.is_own => {}
                Why::Time => desk.local.sleep(Some(begun.site), time),
                _ => desk.local.wait(time),
            }
            desk.put(Sample::Blocked {
                site: Spot(begun.site),
                why: begun.why,
                kind: begun.kind,
                time,
            });
        });
    }
}
