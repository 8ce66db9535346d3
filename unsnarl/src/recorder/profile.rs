//! The profiler, where the environment asks for it (`UNSNARL_PROFILE`): what the program does with its time.
//!
//! It looks at every watched operation from the first on, or never. Each thread collects samples at a desk of its own, and
//! brings them to the shared half when there are many. Until somebody asks, all of this is behind the one flag that says
//! whether anybody looks at operations ([`attention`]).

mod blocked;
mod desk;

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use model::event::Mode;
use model::finding::Finding;
use model::id::LockId;
use model::kind::Kind;
use model::profile::Profile;
use model::site::{Caller, Origin};
use profile::sample::{Nanos, Put, Sample, Spot, Use};
pub(super) use profile::shared::Being;
use profile::shared::Shared;

#[cfg(feature = "tasks")]
pub(crate) use self::blocked::awaiting;
pub(crate) use self::blocked::{Blocked, blocked, reason, sleeping};
#[cfg(feature = "tasks")]
pub(crate) use self::desk::{Half, resume, suspend};
use super::attention::{self, Looker};
use super::options::options;
use super::system;

static SHARED: Mutex<Option<Shared>> = Mutex::new(None);
static START: OnceLock<Instant> = OnceLock::new();

/// Whether anybody asked for a profile.
#[inline(always)]
pub fn is_on() -> bool {
    attention::is_paid_by(Looker::Profile)
}

/// Begins, if anybody asked for it. The thread that does it is the first that uses a watched object.
pub(super) fn start() {
    let Some(limits) = &options().profile else {
        return;
    };
    START.get_or_init(Instant::now);
    *shared() = Some(Shared::new(limits.clone()));
    // A thread that sees it late is looked at late.
    attention::pay(Looker::Profile);
}

/// The shared half. Nothing that could wait may be called while it is held; must be called inside the recorder.
fn shared() -> MutexGuard<'static, Option<Shared>> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What time it is.
fn now() -> Nanos {
    let time = START.get_or_init(Instant::now).elapsed();
    Nanos::try_from(time.as_nanos()).unwrap_or(Nanos::MAX)
}

/// The thread asks for a lock.
#[cold]
pub(crate) fn ask(lock: LockId, origin: Origin, kind: Kind, site: Caller, mode: Mode) {
    let at = Use::new(origin, kind, site, mode);
    desk::with(|desk| desk.local.ask(lock, at));
}

/// Whether the thread, or task, asks for this lock.
#[cfg(feature = "tasks")]
pub(crate) fn has_asked(lock: LockId) -> bool {
    let mut has_asked = false;
    desk::with(|desk| has_asked = desk.local.asks(lock));
    has_asked
}

/// A moment.
#[cfg(feature = "tasks")]
pub struct Moment(Nanos);

/// Now.
#[cfg(feature = "tasks")]
pub fn moment() -> Moment {
    Moment(now())
}

/// Somebody else had the lock that it asks for, since then.
#[cfg(feature = "tasks")]
pub fn contended_since(moment: Moment) {
    desk::with(|desk| desk.local.contend(moment.0));
}

/// Somebody else has the lock that it asks for.
#[cold]
pub(crate) fn contend() {
    desk::with(|desk| desk.local.contend(now()));
}

/// The thread has a lock.
#[cold]
pub(crate) fn enter(lock: LockId) {
    desk::with(|desk| desk.local.enter(lock, now(), system::awake));
}

/// The thread gives a lock back. `is_wanted`: somebody waits for it.
#[cold]
pub(crate) fn leave(lock: LockId, is_wanted: bool) {
    desk::with(|desk| {
        let held = desk
            .local
            .leave(lock, is_wanted, now(), patience(), system::awake);
        if let Some(held) = held {
            desk.put(Sample::Held(held));
        }
    });
}

/// From where on a lock is held for long.
fn patience() -> Nanos {
    let limits = options().profile.as_ref();
    limits.map_or(Nanos::MAX, |limits| limits.hold.saturating_mul(1_000))
}

/// The thread writes an atomic.
#[cold]
#[track_caller]
pub(crate) fn write<T>(atomic: &T) {
    let address = std::ptr::from_ref(atomic).addr();
    let site = std::panic::Location::caller();
    desk::with(|desk| desk.write(address, site));
}

/// A message was put into a channel.
#[cold]
pub(crate) fn put(
    channel: LockId,
    created: Caller,
    bound: Option<usize>,
    is_first: bool,
    depth: u64,
) {
    desk::with(|desk| {
        desk.put(Sample::Put(Put {
            channel,
            created: Spot(created),
            bound,
            is_first,
            depth,
            at: now(),
        }));
    });
}

/// A message was taken out of a channel.
#[cold]
pub(crate) fn taken(channel: LockId, created: Caller, bound: Option<usize>) {
    let created = Spot(created);
    desk::with(|desk| {
        desk.put(Sample::Taken {
            channel,
            created,
            bound,
            at: now(),
        });
    });
}

/// A channel is gone.
#[cold]
pub(crate) fn gone(channel: LockId) {
    desk::with(|desk| desk.put(Sample::Gone { channel }));
}

/// A thread or task begins, which was started there. Must be called inside the recorder.
pub(super) fn begin(being: Being, site: Option<Caller>) {
    if is_on()
        && let Some(shared) = &mut *shared()
    {
        shared.start(being, site.map(Spot), now());
    }
}

/// A thread or task ends, which was started there. Must be called inside the recorder.
pub(super) fn end(being: Being, site: Option<Caller>) {
    if is_on()
        && let Some(shared) = &mut *shared()
    {
        shared.end(being, site.map(Spot), now());
    }
}

/// What the process, which has this name, did with its time so far, if anybody asked, and what is past the limits. Must be called inside the
/// recorder.
pub(super) fn told(process: &str) -> Option<(Profile, Vec<Finding>)> {
    if !is_on() {
        return None;
    }
    desk::clear_all();
    let shared = shared();
    let shared = shared.as_ref()?;
    let mut profile = shared.profile(now());
    for population in &mut profile.populations {
        population.process = process.to_owned();
        population.pid = std::process::id();
    }
    Some((profile, shared.findings()))
}
