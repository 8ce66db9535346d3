//! Races in words.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lockgraph::held::Held;
use model::finding::{Certainty, Finding, Object};
use model::id::LockId;
use model::site::{Caller, Origin, Site};
use race::finding::{DataRace, Flag, LastOrder, Side};
use race::shadow::{Access, Does, Race};

use super::accesses::{Found, Place};
use super::census::{self, Person};
use super::lessons::By;
use super::loose::{LooseRead, Operation};
use crate::recorder::findings;
use crate::recorder::inside::enter;

/// The pairs of places that were told already.
static TOLD: Mutex<BTreeSet<(Caller, Caller)>> = Mutex::new(BTreeSet::new());

fn told() -> MutexGuard<'static, BTreeSet<(Caller, Caller)>> {
    TOLD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn places(race: &Race<Place>) -> (Caller, Caller) {
    (race.earlier.site.site, race.later.site.site)
}

/// Whether a race between the same places was told before.
pub(super) fn is_known(race: &Race<Place>) -> bool {
    controlled! { return crate::controlled::race::is_found(); }
    #[allow(unreachable_code, reason = "not under control")]
    told().contains(&places(race))
}

/// Tells a race of the current thread, unless one between the same places was told before.
#[cold]
pub(super) fn tell(found: &Found, what: &'static str, created: Caller) {
    let race = &found.race;
    let places = places(race);
    let owner = |access: &Access<Place>| census::census().owner(access.epoch);
    let (Some(earlier), Some(later)) = (owner(&race.earlier), owner(&race.later)) else {
        return;
    };
    if !Arc::ptr_eq(&earlier.root, &later.root) || is_known(race) {
        return;
    }
    let mut objects = Objects::of(race, what, created);
    let earlier = side(&earlier, race.earlier_does, &race.earlier, &mut objects);
    let later = side(&later, race.later_does, &race.later, &mut objects);
    let mut race = DataRace::new(objects.objects, earlier, later, Certainty::Observed);
    race.flag = found.loose.as_ref().map(flag);
    race.last = found.last.as_ref().map(last);
    let finding = race.into_finding();
    controlled! {
        if finding.certainty == Certainty::Potential {
            return crate::controlled::race::suspected(finding);
        }
        return crate::controlled::race::found(finding);
    }
    told().insert(places);
    record(finding);
}

/// Records what was found in the current thread's test.
pub(super) fn record(mut finding: Finding) {
    finding.test = enter().map(|inside| inside.identity().who.test.to_string());
    findings::record_race(finding);
}

/// The cell, and the locks that were held, each once.
struct Objects {
    objects: Vec<Object>,
    locks: Vec<LockId>,
}

impl Objects {
    fn of(race: &Race<Place>, what: &'static str, created: Caller) -> Self {
        let (earlier, later) = places(race);
        let used = vec![Site::from(earlier), Site::from(later)];
        // A `Default` of the standard library's says nothing.
        let created = Some(created).filter(|site| !site.file().starts_with("/rustc/"));
        Self {
            objects: vec![Object::new(what, None, created.map(Site::from), used)],
            locks: Vec::new(),
        }
    }

    /// The number of a lock among the objects.
    fn number(&mut self, held: &Held) -> usize {
        let known = self.locks.iter().position(|&lock| lock == held.lock);
        let place = known.unwrap_or_else(|| {
            self.locks.push(held.lock);
            self.objects.push(lock(held));
            self.locks.len() - 1
        });
        place + 1
    }
}

pub(super) fn lock(held: &Held) -> Object {
    let (name, created) = match held.origin {
        Origin::Named(name) => (Some(name.to_owned()), None),
        Origin::Created(created) => (None, Some(created.into())),
    };
    Object::new(held.kind.to_string(), name, created, vec![held.site.into()])
}

fn side(person: &Person, does: Does, access: &Access<Place>, objects: &mut Objects) -> Side {
    let mut side = Side::new(&*person.name, does, access.site.site.into());
    side.started = person.started.map(Site::from);
    let held = access.site.held.locks();
    let number = |one: &Held| (objects.number(one), one.mode);
    side.held = held.map(|held| held.iter().map(number).collect());
    side
}

fn last(by: &By) -> LastOrder {
    LastOrder::new(by.name(), by.site().into())
}

fn flag(read: &LooseRead) -> Flag {
    let operation = |operation: &Operation| (Site::from(operation.site), operation.order);
    Flag::new(operation(&read.store), operation(&read.load))
}
