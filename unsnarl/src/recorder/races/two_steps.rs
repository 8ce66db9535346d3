//! Changes of atomics that are not the one step that they should be: what is kept of them, and how they are told.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use model::finding::{Certainty, Finding};
use model::site::{Caller, Site};
use race::aba::finding::aba;
use race::aba::{Glance, Holding, Suspect};
use race::epoch::Epoch;
use race::updates::finding::{TwoSteps as Told, lost_update};
use race::updates::{Lost, Update, Updates};

use super::census::{self, Person};
use super::held::{self, HeldSet};
use super::loose::Operation;
use super::me::Me;
use super::{destructors, me, told};

/// What the thread has read, if it has done nothing to an atomic or a lock since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read {
    pub(super) address: usize,
    pub(super) value: u64,
    pub(super) version: u64,
    pub(super) load: Operation,
}

/// A load and a store of one atomic, and what the thread held.
#[derive(Clone, Copy, Debug)]
pub(super) struct TwoSteps {
    load: Operation,
    store: Operation,
    held: HeldSet,
}

impl TwoSteps {
    pub(super) fn new(me: &mut Me, load: Operation, store: Operation) -> Self {
        let held = held::now(&mut me.held);
        Self { load, store, held }
    }
}

/// How an atomic came to what it holds, as far as that tells changes that are not one step.
#[derive(Debug, Default)]
pub(super) struct Steps {
    holding: Holding,
    updates: Option<Box<Updates<TwoSteps>>>,
}

impl Steps {
    /// Those of an atomic that begins with this value.
    #[cfg(feature = "explore")]
    pub(super) fn of(first: u64) -> Self {
        Self {
            holding: Holding {
                value: first,
                ..Holding::default()
            },
            updates: None,
        }
    }

    /// It was changed to this.
    #[cfg(feature = "explore")]
    pub(super) fn see(&mut self, value: u64) {
        self.holding.value = value;
    }

    /// What the atomic holds.
    pub(super) fn holding(&self) -> &Holding {
        &self.holding
    }

    /// The atomic holds this. If somebody has changed it unseen, it may be another one by now, at the same address.
    pub(super) fn hold(&mut self, present: u64) {
        if self.holding.value != present {
            self.holding.write(present, None);
            self.updates = None;
        }
    }

    /// The thread has read this value, which the atomic has, or had as of this version.
    pub(super) fn read(me: &mut Me, (address, value, version): (usize, u64, u64), load: Operation) {
        me.glances.add(Glance {
            atomic: address,
            value,
            version,
            site: load.site,
        });
        me.read = Some(Read {
            address,
            value,
            version,
            load,
        });
    }

    /// The thread stores this now. Returns what that overwrites, or could have.
    pub(super) fn store(
        &mut self,
        me: &mut Me,
        (address, new): (usize, u64),
        store: Operation,
    ) -> Option<Lost<TwoSteps>> {
        let epoch = me.local.epoch();
        let read = me.read.take().filter(|read| read.address == address);
        let lost = read.and_then(|read| {
            let update = Update {
                epoch,
                from: read.value,
                to: new,
                site: TwoSteps::new(me, read.load, store),
            };
            let Holding { value, version, .. } = self.holding;
            let unread = Some(value).filter(|_| read.version != version);
            let updates = self.updates.get_or_insert_default();
            updates.add(&me.local, update, unread)
        });
        self.holding.write(new, None);
        me.glances.forget(address);
        lost
    }

    /// The thread changes it in one step, to whatever will be seen there.
    pub(super) fn change(&mut self, me: &mut Me, address: usize) {
        self.holding.change();
        me.read = None;
        me.glances.forget(address);
    }

    /// The thread changes it in one step, from what it holds to this. Returns the successor that this may be an old one of.
    pub(super) fn exchange(
        &mut self,
        me: &mut Me,
        address: usize,
        new: u64,
    ) -> Option<Suspect<Caller>> {
        let suspect = me.glances.exchange(address, &self.holding, new);
        self.holding.write(new, Some(self.holding.value));
        me.read = None;
        me.glances.forget(address);
        suspect
    }
}

/// The findings that were told already, by two places each.
static TOLD: Mutex<BTreeSet<(Caller, Caller)>> = Mutex::new(BTreeSet::new());

fn is_new(places: (Caller, Caller)) -> bool {
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    told.insert(places)
}

/// Whose moments these are, if they descend from one thread: else unknown things may keep them apart.
fn people(epochs: [Epoch; 2]) -> Option<[Arc<Person>; 2]> {
    let census = census::census();
    let (one, other) = (census.owner(epochs[0])?, census.owner(epochs[1])?);
    Arc::ptr_eq(&one.root, &other.root).then_some([one, other])
}

/// Tells a lost update, unless a lock keeps the two apart.
#[cold]
pub(super) fn tell(lost: &Lost<TwoSteps>) {
    let updates = [&lost.earlier, &lost.later];
    let Some(people) = people(updates.map(|update| update.epoch)) else {
        return;
    };
    if have_common_lock(updates) {
        return;
    }
    let certainty = match lost.is_observed {
        true => Certainty::Observed,
        false => Certainty::Potential,
    };
    let words = |number: usize| {
        let (person, steps) = (&people[number], &updates[number].site);
        let place = |operation: &Operation| (Site::from(operation.site), operation.order);
        Told::new(&*person.name, place(&steps.load), place(&steps.store))
    };
    let finding = lost_update(&words(0), &words(1), certainty);
    record(
        finding,
        (lost.later.site.load.site, lost.later.site.store.site),
    );
}

/// Whether both held a lock in common. What is not known might be one.
fn have_common_lock(updates: [&Update<TwoSteps>; 2]) -> bool {
    let [Some(one), Some(other)] = updates.map(|update| update.site.held.locks()) else {
        return true;
    };
    one.iter()
        .any(|held| other.iter().any(|also| also.lock == held.lock))
}

/// Tells that the current thread's exchange here fell for a value that had changed back.
#[cold]
pub(super) fn tell_aba(exchange: Caller, (epoch, back): (Epoch, Caller), link: Caller) {
    let Some(now) = me::with(|me| me.local.epoch()) else {
        return;
    };
    if let Some([me, other]) = people([now, epoch]) {
        let own = (&*me.name, exchange.into());
        let finding = aba(own, (&other.name, back.into()), link.into());
        record(finding, (exchange, link));
    }
}

/// Records a finding about these places. An explored run ends with what is certain only.
fn record(finding: Finding, places: (Caller, Caller)) {
    controlled! {
        if finding.severity == model::finding::Severity::Error && !crate::controlled::race::is_found() {
            crate::controlled::race::found(finding);
        }
        return;
    }
    #[allow(unreachable_code, reason = "not under control")]
    if is_new(places) && !destructors::is_last_arc_dropped() {
        told::record(finding);
    }
}
