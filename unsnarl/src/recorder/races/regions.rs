//! Regions that the program declares to be atomic, on real threads and under control.
//!
//! From the first region on, every operation on data passes through one engine: atomics and cells from their hooks, what
//! locks protect from their guards. Each comes while whatever orders the operations on its thing (the atomic's part of the
//! table, the cell's record, the lock) keeps others out, so that the engine hears of them in the order in which they are done.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lockgraph::held::Held;
use model::finding::Object;
use model::id::{LockId, ThreadId};
use model::site::{Caller, Site};
use race::serial::finding::{BrokenRegion, Medium, Told};
use race::serial::{Broken, Effect, Serial, Step};

use super::me::Me;
use super::{census, held, is_watching, me, tape, told, watch};
use crate::recorder::attention::{self, Looker};

/// What a step is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    /// A cell, by its address.
    Cell(usize),
    /// An atomic, by its address.
    Atomic(usize),
    /// What a lock protects.
    Protected(LockId),
}

/// Where a step is done, and what is to be said of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    site: Caller,
    of: Of,
}

#[derive(Clone, Copy, Debug)]
enum Of {
    /// A region of this name.
    Region(&'static str),
    Cell(&'static str, Caller),
    Atomic,
    Lock(Held),
}

/// A region that is broken.
pub(super) type Ring = Broken<Thing, Spot>;

static IS_USED: AtomicBool = AtomicBool::new(false);
static SERIAL: Mutex<Serial<Thing, Spot>> = Mutex::new(Serial::new());
/// The rings that were told already, by the region's own steps.
static TOLD: Mutex<BTreeSet<(Caller, Caller)>> = Mutex::new(BTreeSet::new());

fn lock<T>(mutex: &'static Mutex<T>) -> MutexGuard<'static, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the program has entered a region.
#[inline(always)]
pub(super) fn are_used() -> bool {
    // Relaxed: what a thread does before it sees this is missed, nothing more.
    IS_USED.load(Ordering::Relaxed)
}

/// The current thread is in a region, until this is dropped.
pub(crate) struct Inside(());

impl Inside {
    #[cold]
    pub(crate) fn enter(name: &'static str, site: Caller) -> Self {
        if !is_watching() {
            watch();
        }
        attention::pay(Looker::Values);
        // Relaxed: see `are_used`.
        IS_USED.store(true, Ordering::Relaxed);
        let of = Of::Region(name);
        me::with(|me| lock(&SERIAL).enter(me.person.id.0, Spot { site, of }));
        Self(())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        me::with(|me| lock(&SERIAL).leave(me.person.id.0));
    }
}

/// A thread is about to start another.
pub(super) fn fork(parent: ThreadId, child: ThreadId) {
    if are_used() {
        lock(&SERIAL).fork(parent.0, child.0);
    }
}

/// A thread has ended.
pub(super) fn end(thread: ThreadId) {
    if are_used() {
        lock(&SERIAL).end(thread.0);
    }
}

/// The thread does something to a cell.
#[inline]
pub(super) fn cell(
    me: &Me,
    address: usize,
    effect: Effect,
    site: Caller,
    (what, created): (&'static str, Caller),
) -> Option<Ring> {
    let of = Of::Cell(what, created);
    are_used().then(|| step(me, Thing::Cell(address), effect, Spot { site, of }))?
}

/// The thread does something to an atomic.
#[inline]
pub(super) fn atomic(me: &Me, address: usize, effect: Effect, site: Caller) -> Option<Ring> {
    let of = Of::Atomic;
    are_used().then(|| step(me, Thing::Atomic(address), effect, Spot { site, of }))?
}

#[cold]
fn step(me: &Me, thing: Thing, effect: Effect, site: Spot) -> Option<Ring> {
    let step = Step {
        thread: me.person.id.0,
        effect,
        site,
    };
    lock(&SERIAL).step(thing, step)
}

/// The current thread does something to what a lock that it holds protects.
#[inline(always)]
pub(crate) fn protected(id: LockId, effect: Effect) {
    if attention::is_paid_by(Looker::Values) {
        under_lock(id, effect);
    }
}

#[cold]
#[inline(never)]
fn under_lock(id: LockId, effect: Effect) {
    let Some(one) = held::of(id) else { return };
    tape::touched(id, one.mode, one.site);
    if !are_used() {
        return;
    }
    let spot = Spot {
        site: one.site,
        of: Of::Lock(one),
    };
    let ring = me::with(|me| step(me, Thing::Protected(id), effect, spot));
    ring.flatten().iter().for_each(tell);
}

/// Tells a broken region of the current thread, unless one between the same steps was told before.
#[cold]
pub(super) fn tell(ring: &Ring) {
    let steps = (ring.out.earlier.site.site, ring.back.later.site.site);
    controlled! {
        if !crate::controlled::race::is_found()
            && let Some(broken) = words(ring)
        {
            crate::controlled::race::found(broken.into_finding());
        }
        return;
    }
    #[allow(unreachable_code, reason = "not under control")]
    if lock(&TOLD).insert(steps)
        && let Some(broken) = words(ring)
    {
        told::record(broken.into_finding());
    }
}

fn words(ring: &Ring) -> Option<BrokenRegion> {
    let Of::Region(name) = ring.entered.of else {
        return None;
    };
    let thread = |number| census::census().person(ThreadId(number));
    let steps = [ring.out.earlier, ring.out.later, ring.back.earlier];
    let people = steps.map(|step| thread(step.thread));
    let own = thread(ring.back.later.thread)?;
    if people.iter().any(Option::is_none) {
        return None;
    }
    let mut things = Vec::new();
    let conflicts = [ring.out, ring.back];
    for conflict in conflicts {
        if !things.iter().any(|&(thing, _)| thing == conflict.thing) {
            things.push((conflict.thing, object(&conflict.later.site.of, &conflicts)));
        }
    }
    let told = |thing, step: &Step<Spot>| {
        let number = things.iter().position(|&(one, _)| one == thing);
        let medium = match thing {
            Thing::Protected(_) => Medium::Protected,
            Thing::Cell(_) | Thing::Atomic(_) => Medium::Value,
        };
        let name = thread(step.thread).map(|person| person.name.to_string());
        let object = (number.unwrap_or_default(), medium);
        Told::new(
            name.unwrap_or_default(),
            step.effect,
            object,
            step.site.site.into(),
        )
    };
    let entered = Site::from(ring.entered.site);
    let mut broken = BrokenRegion::new(ring, (name, &own.name, entered), Vec::new(), told);
    broken.objects = things.into_iter().map(|(_, object)| object).collect();
    Some(broken)
}

fn object(of: &Of, conflicts: &[race::serial::Conflict<Thing, Spot>]) -> Object {
    let used = || {
        let steps = conflicts.iter().flat_map(|one| [one.earlier, one.later]);
        steps.map(|step| step.site.site.into()).collect()
    };
    match of {
        Of::Lock(held) => told::lock(held),
        Of::Cell(what, created) => Object::new(*what, None, Some((*created).into()), used()),
        Of::Atomic | Of::Region(_) => Object::new("atomic", None, None, used()),
    }
}
