//! Atomics and fences, as order. What an atomic carries is kept in a table by its address, and each operation is done with
//! its part of the table locked, so that what a load is told belongs to the store that it has read.
//!
//! The part is only locked by a thread whose half is ready: one that comes from inside (a global allocator) would wait for
//! itself.

use std::panic;
use std::sync::atomic::Ordering;

use model::site::Caller;
use race::aba::{Holding, Suspect};
use race::epoch::Epoch;
use race::event::Op;
use race::location::{Location, acquires, releases};
use race::serial::Effect;
use race::updates::Lost;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::lessons::By;
use super::loose::{LooseRead, Operation};
use super::me::{self, Me};
use super::regions::{self, Ring};
use super::two_steps::{self, Steps, TwoSteps};
use crate::recorder::brief::{Brief, Turn};

/// An address that is used again only makes order where there is none; so does an atomic whose entry was given up.
#[derive(Debug)]
struct Shard {
    entries: FxHashMap<usize, Entry>,
    /// What was known of the atomics that were given up to keep the table small.
    rest: Location,
}

/// What is known of an atomic.
#[derive(Debug)]
struct Entry {
    location: Location,
    /// The last write: when, where and how.
    written: Option<(Epoch, Operation)>,
    steps: Steps,
}

/// An atomic, as the hooks see it. They look at it before the operation only: after it, somebody may have freed it.
pub(crate) trait Plain {
    /// What it holds.
    type Value: Copy;

    /// Whether steps from one value to the next have a size.
    const IS_NUMBER: bool;

    /// A value as a number.
    fn bits(value: Self::Value) -> u64;

    /// The present value, as a number.
    fn present(&self) -> u64;
}

const SHARDS: usize = 64;
/// How many atomics a part of the table may hold.
const MOST: usize = 4096;

static TABLE: [Brief<Shard>; SHARDS] = [const {
    Brief::new(Shard {
        entries: FxHashMap::with_hasher(FxBuildHasher),
        rest: Location::NEW,
    })
}; SHARDS];

#[inline]
fn shard(address: usize) -> Turn<'static, Shard> {
    TABLE[(address >> 3) % SHARDS].turn()
}

impl Shard {
    fn known(&self, address: usize) -> Option<&Entry> {
        self.entries.get(&address)
    }

    fn entry(&mut self, address: usize) -> &mut Entry {
        if self.entries.len() >= MOST && !self.entries.contains_key(&address) {
            for entry in std::mem::take(&mut self.entries).into_values() {
                self.rest.merge(&entry.location);
            }
        }
        let rest = &self.rest;
        self.entries.entry(address).or_insert_with(|| Entry {
            location: rest.clone(),
            written: None,
            steps: Steps::default(),
        })
    }
}

/// What an operation brought to light.
#[derive(Default)]
struct Said {
    ring: Option<Ring>,
    lost: Option<Lost<TwoSteps>>,
    suspect: Option<Suspect<Caller>>,
    /// Who wrote the atomic last, before the operation, and where.
    before: Option<(Epoch, Operation)>,
}

impl Said {
    /// Tells it, now that the table is not locked any more.
    #[inline]
    fn tell(self, site: Caller) {
        if let Some(ring) = self.ring {
            regions::tell(&ring);
        }
        if let Some(lost) = self.lost {
            two_steps::tell(&lost);
        }
        if let Some(suspect) = self.suspect {
            tell_suspect(&suspect, self.before, site);
        }
    }
}

#[cold]
fn tell_suspect(suspect: &Suspect<Caller>, back: Option<(Epoch, Operation)>, site: Caller) {
    let link = shard(suspect.link.atomic);
    let entry = link.known(suspect.link.atomic);
    let is_old = entry.is_some_and(|entry| entry.steps.holding().confirms(suspect));
    drop(link);
    if let (true, Some((epoch, operation))) = (is_old, back) {
        two_steps::tell_aba(site, (epoch, operation.site), suspect.link.site);
    }
}

impl Entry {
    /// The thread has read what the atomic holds.
    fn load(&mut self, me: &mut Me, (address, present): (usize, u64), load: Operation) {
        let before = me.local.epoch();
        self.location.load(&mut me.local, load.order);
        self.note_news(me, before, load);
        self.note_read(me, load);
        self.steps.hold(present);
        let Holding { value, version, .. } = *self.steps.holding();
        Steps::read(me, (address, value, version), load);
    }

    /// The thread has written a new value where `old` was.
    fn store(
        &mut self,
        me: &mut Me,
        (address, old, new): (usize, u64, u64),
        store: Operation,
    ) -> Option<Lost<TwoSteps>> {
        let now = me.local.epoch();
        self.steps.hold(old);
        let lost = self.steps.store(me, (address, new), store);
        self.location.store(&mut me.local, store.order);
        self.written = Some((now, store));
        lost
    }

    /// The thread has changed the value in one step.
    fn update(&mut self, me: &mut Me, update: Operation) {
        let now = me.local.epoch();
        self.location.load(&mut me.local, update.order);
        self.note_news(me, now, update);
        self.location.go_on(&mut me.local, update.order);
        self.note_read(me, update);
        self.written = Some((now, update));
    }

    /// Notes that reading the atomic has brought the thread news of others, if it has.
    fn note_news(&self, me: &mut Me, before: Epoch, load: Operation) {
        if me.local.epoch() != before {
            me.lessons
                .add(self.location.released(), By::Atomic(load.site));
        }
    }

    fn note_read(&self, me: &mut Me, load: Operation) {
        if let Some((written, store)) = self.written
            && !me.local.knows(written)
        {
            me.loose.add(LooseRead {
                written,
                store,
                load,
            });
        }
    }
}

fn address<A>(atomic: &A) -> usize {
    std::ptr::from_ref(atomic).addr()
}

/// The current thread loads an atomic.
#[cold]
#[track_caller]
pub(crate) fn load<A: Plain, R>(atomic: &A, order: Ordering, load: impl FnOnce() -> R) -> R {
    if !me::is_ready() {
        return load();
    }
    let (site, address) = (panic::Location::caller(), address(atomic));
    let mut shard = shard(address);
    let place = (address, atomic.present());
    let value = load();
    let said = me::with(|me| {
        let entry = shard.entry(address);
        entry.load(me, place, Operation { site, order });
        me.note_atomic(Op::Load(0, order), address, site);
        Said {
            ring: regions::atomic(me, address, Effect::Reads, site),
            ..Said::default()
        }
    });
    drop(shard);
    said.unwrap_or_default().tell(site);
    value
}

/// The current thread stores to an atomic.
#[cold]
#[track_caller]
pub(crate) fn store<A: Plain, R>(
    atomic: &A,
    new: A::Value,
    order: Ordering,
    store: impl FnOnce() -> R,
) -> R {
    if !me::is_ready() {
        return store();
    }
    let (site, address) = (panic::Location::caller(), address(atomic));
    let mut shard = shard(address);
    let old = atomic.present();
    // Nobody who is watched reads it before the table is free again.
    let result = store();
    let said = me::with(|me| {
        let place = (address, old, A::bits(new));
        let entry = shard.entry(address);
        let lost = entry.store(me, place, Operation { site, order });
        me.note_atomic(Op::Store(0, order), address, site);
        Said {
            ring: regions::atomic(me, address, Effect::Writes, site),
            lost: lost.filter(|_| A::IS_NUMBER),
            ..Said::default()
        }
    });
    drop(shard);
    said.unwrap_or_default().tell(site);
    result
}

/// The current thread changes an atomic in one step.
#[cold]
#[track_caller]
pub(crate) fn modify<A: Plain, R>(atomic: &A, order: Ordering, modify: impl FnOnce() -> R) -> R {
    if !me::is_ready() {
        return modify();
    }
    let (site, address) = (panic::Location::caller(), address(atomic));
    let mut shard = shard(address);
    let old = atomic.present();
    let result = modify();
    let said = me::with(|me| {
        let entry = shard.entry(address);
        entry.steps.hold(old);
        entry.steps.change(me, address);
        entry.update(me, Operation { site, order });
        me.note_atomic(Op::Update(0, order), address, site);
        Said {
            ring: regions::atomic(me, address, Effect::Updates, site),
            ..Said::default()
        }
    });
    drop(shard);
    said.unwrap_or_default().tell(site);
    result
}

/// The current thread changes an atomic in one step if it has some value.
#[cold]
#[track_caller]
pub(crate) fn exchange<A: Plain, T>(
    atomic: &A,
    new: A::Value,
    success: Ordering,
    failure: Ordering,
    exchange: impl FnOnce() -> Result<T, T>,
) -> Result<T, T> {
    if !me::is_ready() {
        return exchange();
    }
    let (site, address) = (panic::Location::caller(), address(atomic));
    let mut shard = shard(address);
    let old = atomic.present();
    let result = exchange();
    let said = me::with(|me| {
        let entry = shard.entry(address);
        entry.steps.hold(old);
        let operation = |order| Operation { site, order };
        let mut said = Said {
            before: entry.written,
            ..Said::default()
        };
        let (op, effect) = match result {
            Ok(_) => {
                said.suspect = entry.steps.exchange(me, address, A::bits(new));
                entry.update(me, operation(success));
                (Op::Update(0, success), Effect::Writes)
            }
            Err(_) => {
                entry.load(me, (address, old), operation(failure));
                me.read = None;
                (Op::Load(0, failure), Effect::Reads)
            }
        };
        me.note_atomic(op, address, site);
        said.ring = regions::atomic(me, address, effect, site);
        said
    });
    drop(shard);
    said.unwrap_or_default().tell(site);
    result
}

/// The current thread passes a fence.
#[cold]
pub(crate) fn fence(order: Ordering, fence: impl FnOnce()) {
    fence();
    me::with(|me| {
        me.read = None;
        me.local.fence(acquires(order), releases(order));
        me.note(Op::Fence(order), None);
    });
}
