//! Races in words.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use lockgraph::held::Held;
use model::event::Mode;
use model::finding::{Certainty, Object};
use model::site::{Caller, Origin, Site};
use race::finding::{Side, data_race};
use race::shadow::{Does, Race};

use super::census::{self, Person};
use crate::recorder::findings;
use crate::recorder::state;

/// The pairs of places that were told already.
static TOLD: Mutex<BTreeSet<(Caller, Caller)>> = Mutex::new(BTreeSet::new());

/// Tells a race of the current thread, unless one between the same places was told before.
#[cold]
pub(super) fn tell(race: &Race<Caller>, what: &'static str, created: Caller) {
    let people = {
        let census = census::census();
        (
            census.owner(race.earlier.epoch),
            census.owner(race.later.epoch),
        )
    };
    let (Some(earlier), Some(later)) = people else {
        return;
    };
    if !Arc::ptr_eq(&earlier.root, &later.root) || !is_new(race) {
        return;
    }
    let mut objects = vec![cell(race, what, created)];
    let held = state::with(|thread| thread.held.held().to_vec());
    let mut later = side(&later, race.later_does, race.later.site);
    later.held = Some((1..=held.len()).collect());
    objects.extend(held.iter().map(lock));
    let earlier = side(&earlier, race.earlier_does, race.earlier.site);
    let mut finding = data_race(objects, &earlier, &later, Certainty::Observed);
    finding.test = test();
    findings::record_race(finding);
}

fn is_new(race: &Race<Caller>) -> bool {
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    told.insert((race.earlier.site, race.later.site))
}

fn cell(race: &Race<Caller>, what: &'static str, created: Caller) -> Object {
    let used = [race.earlier.site, race.later.site].map(Site::from);
    Object::new(what, None, Some(created.into()), used.to_vec())
}

fn lock(held: &Held) -> Object {
    let (name, created) = match held.origin {
        Origin::Named(name) => (Some(name.to_owned()), None),
        Origin::Created(created) => (None, Some(created.into())),
    };
    let kind = match held.mode {
        Mode::Exclusive => held.kind.to_string(),
        Mode::Shared => format!("{} for reading", held.kind),
    };
    Object::new(kind, name, created, vec![held.site.into()])
}

fn side(person: &Person, does: Does, site: Caller) -> Side {
    let mut side = Side::new(&*person.name, does, site.into());
    side.started = person.started.map(Site::from);
    side
}

/// The test that the current thread belongs to.
fn test() -> Option<String> {
    let inside = crate::recorder::inside::enter()?;
    Some(inside.identity().who.test.to_string())
}
